#include "runtime/Context.h"

#include "runtime/Check.h"

using namespace tw;

bool tw::initContext(Context &context, Model &model) {
  context.model = &model;
  return context.outputs.create(model.program->output_count) &&
         (!model.profile || context.times.create(model.program->node_count));
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
static void checkProgram(Context &context, int32_t returned) {
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
      !checkOutputCount(context, outputCount))
    return static_cast<tw_status>(context.fail(TW_INVALID_ARGUMENT));
  checkProgram(context, program.entry(&context, inputs, outputs));
  if (context.status == TW_OK)
    deliver(context, outputs);
  return static_cast<tw_status>(context.status);
}
