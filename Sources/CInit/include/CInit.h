#ifndef CINIT_H
#define CINIT_H
int init_main(int argc, char **argv);
#endif
