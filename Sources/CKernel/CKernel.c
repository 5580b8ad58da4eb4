#include "CKernel.h"
int ckernel_placeholder(void) { return 0; }
