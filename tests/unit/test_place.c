#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "diagnosis_result.h"
#include "fixture.h"
#include "name.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int set_up(void **state)
{
    fixture_new(state, sizeof(struct ps_arena));
    return 0;
}

static void test_short_names(void **state)
{
    static const struct {
        const char *whole, *wanted;
    } table[] = {
        {"main", "main"},
        {"realpath@@GLIBC_2.3", "realpath"},
        {"_IO_fgets", "fgets"},
        {"__memset_avx512_unaligned_erms", "memset"},
        {"__strcmp_evex", "strcmp"},
        {"__sin_fma", "sin"},
        {"__make_fmatrix", "__make_fmatrix"},
        {"__load_ssets_sse2", "load_ssets"},
        {"__vfprintf_internal", "vfprintf"}, /* whichever of them was called */
        {"__memcpy_chk", "__memcpy_chk"},
        {"crc_avx2", "crc_avx2"},
        {"__tz_convert", "localtime_r"},
        {"__labels_MOD_point_name", "labels::point_name"},
        {"__qsort_r", "qsort"},
        {"__new_sem_wait_slow64", "sem_wait"},
        {"cfree@GLIBC_2.2.5", "free"},
        {"_IO_file_xsputn", "_IO_file_xsputn"},
        {"std::sync::poison::mutex::Mutex<T>::lock", "std::sync::Mutex::lock"},
        {"sum._omp_fn.0", "sum"},
        {"add_up.constprop.0", "add_up"},
        {"fib.part.2", "fib"},
        {"crunch(long)", "crunch"},
        {"std::map<int, long>::operator[](int const&)", "std::map::operator[]"},
        {"std::vector<unsigned char, std::allocator<unsigned char> >::size() const",
         "std::vector::size"},
        {"void std::call_once<void (std::thread::*)(), std::thread*>(std::once_flag&)",
         "std::call_once"},
        {"unsigned char* std::__copy_move<false, true>::__copy_m<int>(int const*)",
         "std::__copy_move::__copy_m"},
        {"allocator(int)::{lambda(int)#1}::operator()(int) const",
         "allocator::{lambda(int)#1}::operator()"},
        {"(anonymous namespace)::Pool::run(int)", "(anonymous namespace)::Pool::run"},
        {"std::ostream& operator<< <char>(std::ostream&, char)", "operator<< <char>"},
        {"Handle<X>::operator->() const", "Handle::operator->"},
        {"<alloc::vec::Vec<T> as core::ops::Drop>::drop",
         "<alloc::vec::Vec<T> as core::ops::Drop>::drop"},
        {"core::iter::map::Map<I,F>::next", "core::iter::map::Map::next"},
        /* Nothing that can't be closed is run over. */
        {"a<b<c", "a"},
        {"f(((", "f"},
        {"{", "{"},
        {"", ""},
        {"<(", "<("},
        {"x<", "x"},
    };

    for (size_t i = 0; i < COUNT(table); i++)
        assert_string_equal(ps_name_short(*state, table[i].whole), table[i].wanted);
}

static void test_text(void **state)
{
    const struct ps_place part = {.function = "sum._omp_fn.0",
                                  .file = "/x/a.c",
                                  .line = 7,
                                  .caller = "sum",
                                  .caller_file = "/x/a.c",
                                  .caller_line = 5};
    const struct ps_place outlined = {.function = ".omp_outlined._debug__",
                                      .file = "a.c",
                                      .line = 5,
                                      .caller = ".omp_outlined.",
                                      .caller_file = "a.c",
                                      .caller_line = 4};
    const struct ps_place lambda = {.library = "std::map<int, int>::operator[](int const&)",
                                    .function = "operator()",
                                    .file = "a.cc",
                                    .line = 3,
                                    .caller = "run(int)"};

    const struct ps_place in_library = {.library = "libm.so.6", .module = "work"};
    const struct ps_place in_fortran = {.library = "libgfortran.so.5.0.0", .module = "work"};
    const struct ps_place in_openmp = {.library = "libgomp.so.1.0.0", .module = "work"};

    assert_string_equal(ps_place_text(*state, &part), "sum() (a.c:7)");
    assert_string_equal(ps_place_text(*state, &outlined), "a parallel region (a.c:5)");
    assert_string_equal(ps_place_text(*state, &lambda),
                        "std::map::operator[](), called from a lambda (a.cc:3), called from run()");
    assert_string_equal(ps_place_text(*state, &in_library), "libm.so.6, called from work");
    assert_string_equal(ps_place_text(*state, &in_openmp),
                        "OpenMP's runtime libgomp, called from work");
    assert_string_equal(ps_place_text(*state, &in_fortran),
                        "Fortran's runtime libgfortran, called from work");
    assert_string_equal(ps_place_text(*state, &(struct ps_place){0}), "code that is not known");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_short_names, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_text, set_up, fixture_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
