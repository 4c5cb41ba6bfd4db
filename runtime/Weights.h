// Where an artifact's weights are. Shared with the compiler, which fills this
// in after linking.
#pragma once

#include <stdint.h>

/// Section that holds the one TwWeightsLocation of an artifact.
#define TW_WEIGHTS_LOCATION_SECTION ".tw.location"
/// Section that becomes the weights' segment: a note when the linker sees it,
/// which reserves a program header.
#define TW_WEIGHTS_SECTION ".tw.weights"
/// Section of the metadata's JSON text.
#define TW_METADATA_SECTION ".tw.metadata"

typedef struct TwWeightsLocation {
  /// From this struct's own address to the weights' first byte.
  int64_t distance;
  int64_t size;
} TwWeightsLocation;
