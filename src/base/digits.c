#include "digits.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define WHOLE    9007199254740992.0 /* 2^53 */
#define SMALLEST (-5)               /* power of ten that is written without an exponent */
#define LARGEST  16

static double power_of_ten(int n)
{
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    return (size_t)n < sizeof exact / sizeof *exact ? exact[n] : pow(10, n);
}

static double scaled(double x, int power)
{
    return power < 0 ? x / power_of_ten(-power) : x * power_of_ten(power);
}

static size_t put_whole(char *out, uint64_t x)
{
    char reversed[24];
    size_t n = 0;

    do
        reversed[n++] = (char)('0' + x % 10);
    while (x /= 10);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

/* x = 0.d1d2d3... * 10^(*power + 1), d1 > 0: returns the digits as a whole number of PS_DIGITS. */
static uint64_t digits_of(double x, int *power)
{
    const double most = power_of_ten(PS_DIGITS), least = most / 10;
    int binary;
    double m;

    frexp(x, &binary);
    *power = (int)floor((binary - 1) * 0.30102999566398120);
    m = scaled(x, PS_DIGITS - 1 - *power);
    if (m + 0.5 >= most)
        m = scaled(x, PS_DIGITS - 1 - ++*power);
    return (uint64_t)fmax(m + 0.5, least);
}

static size_t put_exponent(char *out, const char *digits, size_t count, int power)
{
    size_t n = 0;

    out[n++] = digits[0];
    if (count > 1)
        out[n++] = '.';
    memcpy(out + n, digits + 1, count - 1);
    n += count - 1;
    out[n++] = 'e';
    if (power < 0)
        out[n++] = '-';
    return n + put_whole(out + n, (uint64_t)(power < 0 ? -power : power));
}

static size_t put_plain(char *out, const char *digits, size_t count, int power)
{
    size_t n = 0, before = power < 0 ? 0 : (size_t)power + 1; /* the point */

    if (!before) {
        memcpy(out, "0.00000", 7);
        n = 1 + (size_t)-power;
    }
    for (size_t i = 0; i < count || i < before; i++) {
        if (i && i == before)
            out[n++] = '.';
        out[n++] = i < count ? digits[i] : '0';
    }
    return n;
}

size_t ps_digits(char out[PS_DIGITS_ROOM], double x)
{
    char digits[24];
    size_t sign = x < 0, count;
    int power;

    out[0] = '-';
    x = fabs(x);
    if (x <= WHOLE && x == (double)(uint64_t)x)
        return sign + put_whole(out + sign, (uint64_t)x);
    count = put_whole(digits, digits_of(x, &power));
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return sign + (power < SMALLEST || power >= LARGEST
                       ? put_exponent(out + sign, digits, count, power)
                       : put_plain(out + sign, digits, count, power));
}
