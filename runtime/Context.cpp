#include "runtime/Context.h"

#include "runtime/Check.h"
#include "runtime/device/Run.h"

using namespace tw;

tw_status tw::initContext(Context &context, Model &model) {
  context.model = &model;
  if (!context.outputs.create(model.program->output_count) ||
      (model.profile && !context.times.create(model.program->node_count)))
    return TW_OUT_OF_MEMORY;
  return model.gpu.device ? initContextOnDevice(context, context.error) : TW_OK;
}

static void beginRun(Context &context, const tw_tensor *outputs) {
  context.region.reset();
  context.status = TW_OK;
  context.error.clear();
  context.requested = outputs;
  for (Output &output : context.outputs)
    output.rank = -1;
}

static bool checkOutputCount(Context &context, int32_t count) {
  const tw_program &program = *context.model->program;
  if (count == program.output_count)
    return true;
  context.error.add("model '%s': expected %d outputs, found %d", program.name,
                    program.output_count, count);
  return false;
}

/// A program that reports no reason, or forgets an output, is a compiler bug;
/// the caller learns at least that.
void tw::checkProgram(Context &context, int32_t returned) {
  const tw_program &program = *context.model->program;
  if (context.status == TW_OK && returned != TW_OK) {
    context.error.add(returned == TW_OUT_OF_MEMORY
                          ? "model '%s': out of memory"
                          : "model '%s': the run failed",
                      program.name);
    context.fail(returned);
  }
  for (int32_t i = 0; i < program.output_count && !context.status; ++i) {
    if (context.outputs[i].rank >= 0)
      continue;
    context.error.add("model '%s': output '%s' was not computed", program.name,
                      program.outputs[i].name);
    context.fail(TW_RUN_FAILED);
  }
}

/// Only a model on a device has memory that the host does not see.
static bool checkMemory(Context &context, const tw_tensor *inputs,
                        const tw_tensor *outputs) {
  const tw_program &program = *context.model->program;
  const char *found = nullptr;
  if (context.model->gpu.device)
    return true;
  for (int32_t i = 0; i < program.input_count; ++i)
    found = inputs[i].memory == TW_HOST ? found : program.inputs[i].name;
  for (int32_t i = 0; i < program.output_count; ++i)
    found = outputs[i].memory == TW_HOST ? found : program.outputs[i].name;
  if (found)
    context.error.add("'%s': expected memory of the host, since the model runs "
                      "on the CPU, found a device's",
                      found);
  return !found;
}

static void deliver(const Context &context, tw_tensor *outputs) {
  const tw_program &program = *context.model->program;
  for (int32_t i = 0; i < program.output_count; ++i) {
    const Output &output = context.outputs[i];
    outputs[i].data = output.data;
    outputs[i].dtype = program.outputs[i].dtype;
    outputs[i].rank = output.rank;
    outputs[i].dims = reinterpret_cast<const int64_t *>(output.dims.data());
  }
}

tw_status tw::runContext(Context &context, const tw_tensor *inputs,
                         int32_t inputCount, tw_tensor *outputs,
                         int32_t outputCount) {
  beginRun(context, outputs);
  const tw_program &program = *context.model->program;
  if (!checkInputs(program, inputs, inputCount, context.error) ||
      !checkOutputCount(context, outputCount) ||
      !checkMemory(context, inputs, outputs))
    return static_cast<tw_status>(context.fail(TW_INVALID_ARGUMENT));
  if (context.model->gpu.device)
    runOnDevice(context, inputs, outputs);
  else
    checkProgram(context, program.entry(&context, inputs, outputs));
  if (context.status == TW_OK)
    deliver(context, outputs);
  return static_cast<tw_status>(context.status);
}
