# ONNX's own C++ library (operator schemas, function bodies, shape inference) from the sdist of PyPI's `onnx`, and the
# protobuf-lite classes of its messages. Compiled from source here and not through ONNX's build, which needs a newer
# CMake than Debian's and fetches dependencies. Everything lives in namespace tw_onnx, so that a process that also holds
# the Python package's copy keeps the two apart.
#
#   tw_onnx_proto   the messages; needs protobuf-lite only
#   tw_onnx         the rest

include_guard(GLOBAL)

set(TILEWRIGHT_ONNX_SDIST "${CMAKE_SOURCE_DIR}/.cache/onnx-1.22.0.tar.gz"
    CACHE FILEPATH "Source archive of PyPI's onnx 1.22.0")
set(TW_ONNX_SHA256 ef40c0aaf0b643857ea9306fc7eddce17eaf9fb0407e4801f1fc5758443a38e0)
set(TW_ONNX_SOURCE ${CMAKE_BINARY_DIR}/onnx/onnx-1.22.0)
set(TW_ONNX_GENERATED ${CMAKE_BINARY_DIR}/onnx/generated)

# Unpacks once: a stamp holds the hash of what was unpacked, so that later configurations touch nothing.
function(tw_unpack_onnx)
  set(stamp ${CMAKE_BINARY_DIR}/onnx/unpacked)
  if(EXISTS ${stamp})
    file(READ ${stamp} unpacked)
    if(unpacked STREQUAL TW_ONNX_SHA256)
      return()
    endif()
  endif()
  if(NOT EXISTS ${TILEWRIGHT_ONNX_SDIST})
    message(FATAL_ERROR "ONNX's sources are not at ${TILEWRIGHT_ONNX_SDIST}. Get them with\n"
      "  pip download --no-deps --no-build-isolation --no-binary onnx onnx==1.22.0 -d .cache\n"
      "or give their path with -DTILEWRIGHT_ONNX_SDIST=FILE.")
  endif()
  file(SHA256 ${TILEWRIGHT_ONNX_SDIST} found)
  if(NOT found STREQUAL TW_ONNX_SHA256)
    message(FATAL_ERROR "${TILEWRIGHT_ONNX_SDIST}: expected SHA-256 ${TW_ONNX_SHA256}, found ${found}")
  endif()
  file(REMOVE_RECURSE ${TW_ONNX_SOURCE})
  file(ARCHIVE_EXTRACT INPUT ${TILEWRIGHT_ONNX_SDIST} DESTINATION ${CMAKE_BINARY_DIR}/onnx
       PATTERNS "*.h" "*.cc" "*.proto" "*/LICENSE")
  file(WRITE ${stamp} ${TW_ONNX_SHA256})
endfunction()

# Writes ${stem}.proto in our namespace. Each TensorProto gets one more field: where the data that the wire scan took
# out of it lies (compiler/import/wire/Scan.h).
function(tw_write_proto stem)
  file(READ ${TW_ONNX_SOURCE}/onnx/${stem}.proto text)
  string(REPLACE "package onnx;" "package tw_onnx;" text "${text}")
  string(REPLACE "message TensorProto {" "message TensorProto {\n  optional uint64 mapped = 536870911;" text "${text}")
  file(CONFIGURE OUTPUT ${TW_ONNX_GENERATED}/onnx/${stem}.proto CONTENT "${text}" @ONLY)
  add_custom_command(
    OUTPUT ${TW_ONNX_GENERATED}/onnx/${stem}.pb.cc ${TW_ONNX_GENERATED}/onnx/${stem}.pb.h
    COMMAND protobuf::protoc -I ${TW_ONNX_GENERATED} --cpp_out=${TW_ONNX_GENERATED} onnx/${stem}.proto
    DEPENDS ${TW_ONNX_GENERATED}/onnx/${stem}.proto
    COMMENT "Generating onnx/${stem}.pb.cc")
endfunction()

find_package(Protobuf REQUIRED)
tw_unpack_onnx()
tw_write_proto(onnx-ml)
tw_write_proto(onnx-operators-ml)
tw_write_proto(onnx-data)

add_library(tw_onnx_proto STATIC
  ${TW_ONNX_GENERATED}/onnx/onnx-ml.pb.cc ${TW_ONNX_GENERATED}/onnx/onnx-operators-ml.pb.cc
  ${TW_ONNX_GENERATED}/onnx/onnx-data.pb.cc)
target_include_directories(tw_onnx_proto SYSTEM PUBLIC ${TW_ONNX_GENERATED} ${TW_ONNX_SOURCE})
target_compile_definitions(tw_onnx_proto PUBLIC ONNX_NAMESPACE=tw_onnx ONNX_ML=1 ONNX_USE_LITE_PROTO=1)
target_link_libraries(tw_onnx_proto PUBLIC protobuf::libprotobuf-lite)

file(GLOB_RECURSE TW_ONNX_FILES ${TW_ONNX_SOURCE}/onnx/*.cc)
list(FILTER TW_ONNX_FILES EXCLUDE REGEX "/onnx/test/|/cpp2py_export\\.cc$")
add_library(tw_onnx STATIC EXCLUDE_FROM_ALL ${TW_ONNX_FILES})
target_link_libraries(tw_onnx PUBLIC tw_onnx_proto)
target_compile_options(tw_onnx PRIVATE -w -O1)
