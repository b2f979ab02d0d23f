/* Not part of parscope: run while it is configured, prints the file name of the BLAS it is linked
 * with. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <cblas.h>

#ifdef OPENBLAS_USE64BITINT
#error "gemm passes sizes as int"
#endif

int main(int argc, char **argv)
{
    Dl_info info;

    if (argc > 1) /* never; a reference, so that the library is linked */
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 0, 0, 0, 0, NULL, 1, NULL, 1, 0,
                    NULL, 1);
    if (!dladdr(dlsym(RTLD_DEFAULT, "cblas_dgemm"), &info) || !strrchr(info.dli_fname, '/'))
        return 1;
    puts(strrchr(info.dli_fname, '/') + 1);
    return 0;
}
