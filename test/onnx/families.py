"""Operator families: the rows of the result table."""

FAMILIES = {
    "elementwise, logic, compare, cast":
        "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast "
        "CastLike Ceil Clip Cos Cosh Div Equal Erf Exp Floor Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Log "
        "Max Mean Min Mod Mul Neg Not Or Pow Reciprocal Round Sign Sin Sinh Sqrt Sub Sum Tan Tanh Where Xor",
    "reductions, arg, cumulative, TopK, Unique":
        "ArgMax ArgMin CumProd CumSum ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin "
        "ReduceProd ReduceSum ReduceSumSquare TopK Unique",
    "attention, rotary, linear, flex":
        "Attention CausalConvWithState LinearAttention RotaryEmbedding ai.onnx.preview.FlexAttention",
    "shape and data movement":
        "CenterCropPad Col2Im Compress Concat Constant ConstantOfShape DepthToSpace Expand EyeLike Flatten Gather "
        "GatherElements GatherND Identity NonZero OneHot Pad Range Reshape ReverseSequence Scatter ScatterElements "
        "ScatterND Shape Size Slice SpaceToDepth Split Squeeze TensorScatter Tile Transpose Trilu Unsqueeze",
    "normalisation, dropout":
        "BatchNormalization Dropout GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization "
        "MeanVarianceNormalization RMSNormalization",
    "activations":
        "Celu Elu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Shrink Sigmoid Softmax "
        "Softplus Softsign Swish ThresholdedRelu",
    "losses, training":
        "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss ai.onnx.preview.training.Adagrad "
        "ai.onnx.preview.training.Adam ai.onnx.preview.training.Momentum",
    "convolution, pooling":
        "AveragePool Conv ConvTranspose GlobalAveragePool GlobalMaxPool LpPool MaxPool MaxUnpool",
    "vision, RoI": "AffineGrid DeformConv GridSample NonMaxSuppression Resize RoiAlign Upsample",
    "quantised": "ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul QuantizeLinear",
    "sequence, optional":
        "OptionalGetElement OptionalHasElement SequenceInsert SequenceMap SplitToSequence",
    "string, text": "RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer",
    "signal": "BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT",
    "matrix product": "Det Einsum Gemm MatMul",
    "recurrent": "GRU LSTM RNN",
    "control flow": "If Loop Scan",
    "image decoder": "ImageDecoder",
    "ai.onnx.ml":
        "ai.onnx.ml.ArrayFeatureExtractor ai.onnx.ml.Binarizer ai.onnx.ml.LabelEncoder ai.onnx.ml.TreeEnsemble",
    "random": "Bernoulli",
    "simple models": "simple",
    "pytorch-converted": "pytorch-converted",
    "pytorch-operator": "pytorch-operator",
    "light models": "light",
}
FAMILY_OF_OP = {op: family for family, ops in FAMILIES.items() for op in ops.split()}


def family_of_op(operator: str) -> str:
    return FAMILY_OF_OP.get(operator, "other")
