// The program of the benchmark's containers. Built static by `run`: it is the whole rootfs.
int main(void) {
    return 0;
}
