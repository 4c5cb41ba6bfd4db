// Everything in one module.
#include "Exponential.c"
#include "Rounding.c"
#include "Single.c"
#include "Trigonometry.c"
