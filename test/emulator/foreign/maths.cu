// CUDA's own mathematics, compiled when the test runs.
extern "C" __global__ void maths(const float *x, float *y, double *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  float v = x[i];
  y[i] = sinf(v) + expf(-v * v) + logf(1 + v * v) +
         powf(fabsf(v) + 0.1f, 1.7f) + erff(v) + tanhf(v) + cbrtf(v) +
         atan2f(v, 0.3f);
  double d = v;
  z[i] =
      sin(d) + exp(-d * d) + log(1 + d * d) + pow(fabs(d) + 0.1, 1.7) + erf(d);
}
