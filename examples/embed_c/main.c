/* A program that launches kdsl kernels: on contiguous arrays, on strided ones, on threads of its own; and what errors look like.
 * `main --time` prints what a call costs beyond the kernel. */
#include <demo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int failed = 0;

static void expect(int right, const char *what) {
    printf("%s: %s\n", what, right ? "right" : "WRONG");
    failed |= !right;
}

static int ok(int32_t error) {
    if (error) printf("error in argument %d: %s\n", KDSL_ERROR_ARGUMENT(error), demo_error_text(error));
    return !error;
}

/* Threads of the caller's own would go here: these pieces may run on any of them, at once. */
static void one_after_the_other(void *context, kdsl_body *body, void *state, int64_t items) {
    ++*(int *)context;
    for (int64_t i = 0; i < items; i++) body(state, i, i + 1, 0);
}

static float *numbers(int64_t n, float step) {
    float *x = (float *)malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = step * (float)(i % 1000);
    return x;
}

static void saxpy(void) {
    int64_t n = 1 << 20, half = n / 2, every_second = 2 * sizeof(float);
    float *x = numbers(n, 1), *y = numbers(n, 0);
    kdsl_array ax = {x, &n, NULL}, ay = {y, &n, NULL};
    kdsl_launch all = kdsl_over(n);
    int right = ok(demo_saxpy(&all, 2, &ax, &ay));
    for (int64_t i = 0; i < n; i++) right &= y[i] == 2 * x[i];
    expect(right, "saxpy");

    kdsl_array sx = {x, &half, &every_second}, sy = {y, &half, &every_second};
    kdsl_launch second = kdsl_over(half);
    right = ok(demo_saxpy(&second, -2, &sx, &sy));
    for (int64_t i = 0; i < n; i++) right &= y[i] == (i % 2 ? 2 * x[i] : 0);
    expect(right, "saxpy of every second element");

    int calls = 0;
    demo_set_parallel(one_after_the_other, &calls, 1);
    right = ok(demo_saxpy(&all, 1, &ax, &ay));
    demo_set_parallel(NULL, NULL, 0);
    expect(right && y[1] == 3 * x[1], "saxpy on the caller's threads");
    free(x);
    free(y);
}

static void blur(void) {
    int64_t shape[2] = {300, 200};
    float *image = numbers(shape[0] * shape[1], 1), *out = numbers(shape[0] * shape[1], 0);
    kdsl_array a = {image, shape, NULL}, b = {out, shape, NULL};
    kdsl_launch over = kdsl_over2(shape[1], shape[0]); /* axis 0 of a launch is the last of an array */
    int right = ok(demo_blur(&over, &a, &b));
    float total = 0;
    for (int dy = -1; dy < 2; dy++)
        for (int dx = -1; dx < 2; dx++) total += image[(10 + dy) * 200 + 20 + dx];
    expect(right && fabsf(out[10 * 200 + 20] - total / 9) < 1e-3f, "blur");
    free(image);
    free(out);
}

static void sums(void) {
    int64_t n = 64 * 100, blocks = 100;
    float *x = numbers(n, 1), *out = numbers(blocks, 0);
    kdsl_array ax = {x, &n, NULL}, ao = {out, &blocks, NULL};
    kdsl_launch launch = kdsl_grid(blocks, 64);
    int right = ok(demo_block_sums(&launch, &ax, &ao));
    for (int64_t b = 0; b < blocks; b++) {
        float total = 0;
        for (int64_t i = 0; i < 64; i++) total += x[b * 64 + i];
        right &= out[b] == total; /* whole numbers: any order gives this */
    }
    expect(right, "block_sums");
    free(x);
    free(out);
}

static void errors(void) {
    int64_t n = 8, none = 0;
    float x[9] = {0};
    kdsl_array good = {x, &n, NULL}, null = {NULL, &n, NULL}, odd = {(char *)x + 1, &n, NULL}, repeated = {x, &n, &none};
    kdsl_launch launch = kdsl_over(n), wide = kdsl_grid(1, 2000);
    expect(KDSL_ERROR_KIND(demo_saxpy(&launch, 1, &good, &null)) == KDSL_NO_POINTER, "a null pointer");
    expect(KDSL_ERROR_ARGUMENT(demo_saxpy(&launch, 1, &good, &null)) == 3, "which argument it is");
    expect(KDSL_ERROR_KIND(demo_saxpy(&launch, 1, &odd, &good)) == KDSL_NOT_ALIGNED, "an odd address");
    expect(KDSL_ERROR_KIND(demo_saxpy(&launch, 1, &good, &repeated)) == KDSL_OVERLAPS, "elements that overlap");
    expect(KDSL_ERROR_KIND(demo_saxpy(&wide, 1, &good, &good)) == KDSL_BAD_GEOMETRY, "a block that is too wide");
    expect(KDSL_ERROR_KIND(demo_saxpy(NULL, 1, &good, &good)) == KDSL_NO_POINTER, "no launch");
    expect(strstr(demo_error_text(KDSL_OVERLAPS), "share memory") != NULL, "a text");
}

static double processor_seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static void time_calls(void) {
    int64_t n = 16;
    float *x = numbers(n, 1), *y = numbers(n, 1);
    kdsl_array ax = {x, &n, NULL}, ay = {y, &n, NULL};
    kdsl_launch launch = kdsl_over(n);
    double best = 1;
    for (int round = 0; round < 20; round++) {
        double start = processor_seconds();
        for (int i = 0; i < 100000; i++) demo_saxpy(&launch, 0, &ax, &ay);
        double took = (processor_seconds() - start) / 100000;
        if (took < best) best = took;
    }
    printf("a call on 16 elements: %.0f ns\n", best * 1e9);
    free(x);
    free(y);
}

int main(int count, char **arguments) {
    saxpy();
    blur();
    sums();
    errors();
    if (count > 1 && !strcmp(arguments[1], "--time")) time_calls();
    return failed;
}
