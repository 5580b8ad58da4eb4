#ifndef CKERNEL_H
#define CKERNEL_H
int ckernel_placeholder(void);
#endif
