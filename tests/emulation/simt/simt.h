/* What kernels see of the executor: C functions, so that HIP, which is C++, and Metal, which is compiled as C++ for OpenCL,
   call the same ones. None of the executor's own memory is reached from instrumented code. */
#pragma once

typedef unsigned long long simt_u64;

extern "C" {
unsigned simt_place(int what, int axis); /* what: 0 thread, 1 block, 2 threads of a block, 3 blocks of the grid */
unsigned simt_linear(void);              /* of the thread in its block */
unsigned simt_lane(void);
unsigned simt_lanes(void); /* of a subgroup */
void simt_barrier(long line);
void simt_subgroup_barrier(long line);
/* Bits of a lane that has come to the same line; all ones of one that has not. */
simt_u64 simt_shuffle(simt_u64 bits, long lane, long line);
simt_u64 simt_ballot(int holds, long line);
/* Lanes that came together at the last collective, and what each brought. */
simt_u64 simt_gather(simt_u64 bits, simt_u64 *of_lanes, long line);
void simt_fail(const char *what, long line);
/* An access that the compiler's instrumentation does not see. */
void simt_access(const void *where, unsigned bytes, int writes, int atomic, const void *code);
void simt_access_at(simt_u64 where, unsigned bytes, int writes, int atomic);
char *simt_dynamic(void);
}
