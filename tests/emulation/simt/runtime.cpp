/* An executor of blocks: every thread of a block is a fiber on one thread of the machine.

   A fiber runs until it waits: at a barrier, or for the other lanes of its subgroup at a shuffle. When none can run, lanes of
   a subgroup that wait at the same line go on together (they are the active lanes), and when all threads of the block wait
   at the same barrier, all go on. Anything else is reported: threads that end while others wait, or wait at two places.

   Accesses come through the functions that -fsanitize=thread calls: a kernel is compiled with it and linked without its
   library. A cell of shadow for each byte of an array knows who read and wrote it last, and since when. */
#include "simt.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <vector>

namespace {

enum State { READY, AT_BARRIER, AT_COLLECTIVE, ENDED };

struct Fiber {
    void *stack_pointer;
    char *stack;
    unsigned place[3], linear;
    State state;
    long line;
    simt_u64 brought, active; /* what it brought to a collective, and who was there */
    unsigned long subgroup_epoch;
};

struct Range {
    uintptr_t begin, end;
    bool read_only, shared;
    size_t shadow; /* where its cells begin, or none */
};

struct Cell {
    unsigned writer = ~0u, writer_block = 0, reader = ~0u, reader_block = 0;
    unsigned long write_epoch = 0, read_epoch = 0, write_subgroup = 0, read_subgroup = 0;
    bool write_atomic = false, read_atomic = false;
};

constexpr size_t STACK = 256 * 1024;
constexpr size_t NO_SHADOW = ~size_t(0);

std::vector<Fiber> fibers;
std::vector<char *> stacks;
Fiber *current;
void *scheduler;
void (*body)(void **);
void **arguments;
std::string problem;
unsigned block_place[3], block_size[3], grid_size[3], lanes;
unsigned long epoch;
int order;
std::vector<char> dynamic_memory;
size_t dynamic_size;
char *dynamic_start;
std::vector<Range> ranges;
std::vector<Cell> shadow;
size_t shared_ranges; /* the first of `ranges` */
bool checking;

unsigned linear_block() { return (block_place[2] * grid_size[1] + block_place[1]) * grid_size[0] + block_place[0]; }

void fail(const std::string &what) {
    if (problem.empty()) problem = what;
}

}  // namespace

extern "C" void simt_switch(void **save, void *load);
static void fiber_main();

#if defined(__x86_64__)
asm(R"(.text
.hidden simt_switch
simt_switch:
 push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15; sub $8,%rsp; stmxcsr (%rsp); fnstcw 4(%rsp)
 mov %rsp,(%rdi); mov %rsi,%rsp
 ldmxcsr (%rsp); fldcw 4(%rsp); add $8,%rsp; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp
 ret
)");
static void *prepared(char *stack) {
    void **s = (void **)(stack + STACK);
    *--s = nullptr;
    *--s = (void *)fiber_main;
    for (int i = 0; i < 6; i++) *--s = nullptr;
    --s;
    ((uint32_t *)s)[0] = 0x1f80; /* default control words */
    ((uint32_t *)s)[1] = 0x37f;
    return s;
}
#elif defined(__aarch64__)
asm(R"(.text
.hidden simt_switch
simt_switch:
 sub sp,sp,#176
 stp x19,x20,[sp]; stp x21,x22,[sp,#16]; stp x23,x24,[sp,#32]; stp x25,x26,[sp,#48]; stp x27,x28,[sp,#64]
 stp x29,x30,[sp,#80]; stp d8,d9,[sp,#96]; stp d10,d11,[sp,#112]; stp d12,d13,[sp,#128]; stp d14,d15,[sp,#144]
 mov x9,sp; str x9,[x0]; mov sp,x1
 ldp x19,x20,[sp]; ldp x21,x22,[sp,#16]; ldp x23,x24,[sp,#32]; ldp x25,x26,[sp,#48]; ldp x27,x28,[sp,#64]
 ldp x29,x30,[sp,#80]; ldp d8,d9,[sp,#96]; ldp d10,d11,[sp,#112]; ldp d12,d13,[sp,#128]; ldp d14,d15,[sp,#144]
 add sp,sp,#176
 ret
)");
static void *prepared(char *stack) {
    char *s = stack + STACK - 176;
    memset(s, 0, 176);
    *(void **)(s + 88) = (void *)fiber_main;
    return s;
}
#else
#error "no switch of fibers for this machine"
#endif

static void park(State state, long line) {
    Fiber &f = *current;
    f.state = state;
    f.line = line;
    simt_switch(&f.stack_pointer, scheduler);
}

static void fiber_main() {
    body(arguments);
    park(ENDED, 0);
    abort();
}

/* What kernels call */

extern "C" {

unsigned simt_place(int what, int axis) {
    const unsigned *from[4] = {current->place, block_place, block_size, grid_size};
    return from[what][axis];
}
unsigned simt_linear() { return current->linear; }
unsigned simt_lane() { return current->linear % lanes; }
unsigned simt_lanes() { return lanes; }
char *simt_dynamic() { return dynamic_start; }
void simt_fail(const char *what, long line) { fail(std::string(what) + " at line " + std::to_string(line)); }
void simt_barrier(long line) { park(AT_BARRIER, line); }
void simt_subgroup_barrier(long line) {
    park(AT_COLLECTIVE, line * 2);
    current->subgroup_epoch++;
}

static Fiber &lane_fiber(unsigned lane) { return fibers[current->linear / lanes * lanes + lane]; }

simt_u64 simt_gather(simt_u64 bits, simt_u64 *of_lanes, long line) {
    Fiber &f = *current;
    f.brought = bits;
    park(AT_COLLECTIVE, line * 2);
    simt_u64 active = f.active;
    for (unsigned i = 0; i < lanes; i++) of_lanes[i] = active >> i & 1 ? lane_fiber(i).brought : ~0ull;
    park(AT_COLLECTIVE, line * 2 + 1); /* until all have read */
    return active;
}

simt_u64 simt_shuffle(simt_u64 bits, long lane, long line) {
    simt_u64 all[64];
    simt_gather(bits, all, line);
    return lane >= 0 && lane < (long)lanes ? all[lane] : ~0ull;
}

simt_u64 simt_ballot(int holds, long line) {
    simt_u64 all[64], active = simt_gather(holds != 0, all, line), out = 0;
    for (unsigned i = 0; i < lanes; i++) out |= (active >> i & 1) && all[i] ? 1ull << i : 0;
    return out;
}

}  // extern "C"

/* The scheduler */

static void start_block() {
    unsigned i = 0;
    for (unsigned z = 0; z < block_size[2]; z++)
        for (unsigned y = 0; y < block_size[1]; y++)
            for (unsigned x = 0; x < block_size[0]; x++, i++) {
                Fiber &f = fibers[i];
                f = {prepared(f.stack), f.stack, {x, y, z}, i, READY, 0, 0, 0, 0};
            }
    /* Nobody has written it yet: a NaN, or an index far away. */
    for (size_t k = 0; k < shared_ranges; k++) memset((void *)ranges[k].begin, 0xFF, ranges[k].end - ranges[k].begin);
    if (dynamic_size) memset(dynamic_start, 0xFF, dynamic_size);
    epoch++;
}

/* Let go on the lanes of each subgroup that wait at its first line; gives how many. */
static unsigned release_lanes() {
    unsigned n = fibers.size(), released = 0;
    for (unsigned first = 0; first < n; first += lanes) {
        unsigned last = first + lanes < n ? first + lanes : n;
        long line = -1;
        for (unsigned i = first; i < last; i++)
            if (fibers[i].state == AT_COLLECTIVE && (line < 0 || fibers[i].line < line)) line = fibers[i].line;
        if (line < 0) continue;
        simt_u64 active = 0;
        for (unsigned i = first; i < last; i++)
            if (fibers[i].state == AT_COLLECTIVE && fibers[i].line == line) active |= 1ull << (i - first);
        for (unsigned i = first; i < last; i++)
            if (active >> (i - first) & 1) {
                fibers[i].active = active;
                fibers[i].state = READY;
                released++;
            }
    }
    return released;
}

static bool release_barrier(unsigned ended, unsigned waiting) {
    if (waiting != fibers.size()) {
        fail("barrier divergence: " + std::to_string(ended) + " threads ended, " + std::to_string(waiting) + " wait at a barrier");
        return false;
    }
    for (auto &f : fibers)
        if (f.line != fibers[0].line) {
            fail("barrier divergence: thread 0 waits at line " + std::to_string(fibers[0].line) + ", thread " +
                 std::to_string(f.linear) + " at line " + std::to_string(f.line));
            return false;
        }
    epoch++;
    for (auto &f : fibers) f.state = READY;
    return true;
}

static bool run_block() {
    start_block();
    unsigned n = fibers.size();
    std::vector<unsigned> turn(n);
    for (unsigned i = 0; i < n; i++) turn[i] = order == 1 ? n - 1 - i : i;
    uint64_t random = 88172645463325252ull + order;
    for (;;) {
        if (order >= 2)
            for (unsigned i = n - 1; i > 0; i--) {
                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                std::swap(turn[i], turn[random % (i + 1)]);
            }
        for (unsigned k : turn)
            if (fibers[k].state == READY) {
                current = &fibers[k];
                simt_switch(&scheduler, fibers[k].stack_pointer);
                current = nullptr;
                if (!problem.empty()) return false;
            }
        unsigned ended = 0, waiting = 0;
        for (auto &f : fibers) ended += f.state == ENDED, waiting += f.state == AT_BARRIER;
        if (ended == n) return true;
        if (!release_lanes() && !release_barrier(ended, waiting)) return false;
    }
}

/* What the harness calls */

extern "C" {

/* Memory that kernels may reach: the block's shared arrays first. Without any, nothing is checked. */
void simt_memory(unsigned count, unsigned shared, const uintptr_t *begin, const size_t *bytes, const unsigned char *read_only,
                 int check) {
    ranges.clear();
    shadow.clear();
    shared_ranges = shared;
    checking = check;
    for (unsigned i = 0; i < count; i++) {
        size_t at = NO_SHADOW;
        if (check && bytes[i] < 1 << 22) {
            at = shadow.size();
            shadow.resize(at + bytes[i]);
        }
        ranges.push_back({begin[i], begin[i] + bytes[i], read_only[i] != 0, i < shared, at});
    }
}

/* geometry: blocks of the grid, threads of a block. order: 0 ascending, 1 descending, more: shuffled. */
const char *simt_launch(const unsigned *geometry, unsigned subgroup, size_t dynamic, int thread_order, void (*entry)(void **),
                        void **given) {
    for (int k = 0; k < 3; k++) grid_size[k] = geometry[k], block_size[k] = geometry[3 + k];
    lanes = subgroup;
    dynamic_memory.assign(dynamic + 64, 0);
    dynamic_size = dynamic;
    dynamic_start = (char *)(((uintptr_t)dynamic_memory.data() + 63) & ~(uintptr_t)63);
    if (checking && dynamic) {
        size_t at = shadow.size();
        shadow.resize(at + dynamic);
        ranges.push_back({(uintptr_t)dynamic_start, (uintptr_t)dynamic_start + dynamic, false, true, at});
    }
    body = entry;
    arguments = given;
    order = thread_order;
    problem.clear();
    unsigned n = block_size[0] * block_size[1] * block_size[2];
    while (stacks.size() < n) {
        void *stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (stack == MAP_FAILED) return "no memory for the stacks of the threads";
        stacks.push_back((char *)stack);
    }
    fibers.assign(n, Fiber{});
    for (unsigned i = 0; i < n; i++) fibers[i].stack = stacks[i];
    for (unsigned z = 0; z < grid_size[2]; z++)
        for (unsigned y = 0; y < grid_size[1]; y++)
            for (unsigned x = 0; x < grid_size[0]; x++) {
                block_place[0] = x, block_place[1] = y, block_place[2] = z;
                if (!run_block()) return problem.c_str();
            }
    return nullptr;
}

}  // extern "C"

/* Accesses */

static std::string thread_text(unsigned thread, unsigned block) {
    return "thread " + std::to_string(thread) + " of block " + std::to_string(block);
}

static void report(const char *what, const void *code) {
    char place[40];
    snprintf(place, sizeof place, ", pc %p", code);
    fail(std::string(what) + " by " + thread_text(current->linear, linear_block()) + place);
    park(ENDED, 0);
}

static bool is_own(uintptr_t p) { /* its stack, or the executor's arguments */
    return p >= (uintptr_t)current->stack && p < (uintptr_t)current->stack + STACK;
}

static const Range *range_of(uintptr_t p, unsigned bytes) {
    for (auto &r : ranges)
        if (p >= r.begin && p + bytes <= r.end) return &r;
    return nullptr;
}

static bool meet(const Cell &c, bool of_writer, bool shared, bool atomic) {
    unsigned other = of_writer ? c.writer : c.reader;
    if (other == ~0u || (atomic && (of_writer ? c.write_atomic : c.read_atomic))) return false;
    if (!shared && (of_writer ? c.writer_block : c.reader_block) != linear_block()) return true;
    if ((of_writer ? c.write_epoch : c.read_epoch) != epoch || other == current->linear) return false;
    bool same_subgroup = other / lanes == current->linear / lanes;
    return !same_subgroup || (of_writer ? c.write_subgroup : c.read_subgroup) == current->subgroup_epoch;
}

static void race(const Cell &c, bool of_writer, bool writes, bool shared, const void *code) {
    std::string other = thread_text(of_writer ? c.writer : c.reader, of_writer ? c.writer_block : c.reader_block);
    std::string what = std::string("race on ") + (shared ? "shared" : "global") + " memory with a " +
                       (of_writer ? "write" : "read") + " of " + other + ": " + (writes ? "write" : "read");
    report(what.c_str(), code);
}

extern "C" void simt_access(const void *where, unsigned bytes, int writes, int atomic, const void *code) {
    if (!checking || !current || !problem.empty()) return;
    uintptr_t p = (uintptr_t)where;
    if (is_own(p)) return;
    const Range *r = range_of(p, bytes);
    if (!r) {
        std::string what = std::string("out of bounds: ") + (writes ? "write" : "read") + " of " + std::to_string(bytes) + " bytes";
        report(what.c_str(), code);
        return;
    }
    if (r->read_only && writes) report("write to a read-only array", code);
    if (r->shadow == NO_SHADOW || r->read_only) return;
    unsigned block = linear_block();
    for (unsigned i = 0; i < bytes; i++) {
        Cell &c = shadow[r->shadow + (p - r->begin) + i];
        if (meet(c, true, r->shared, atomic)) return race(c, true, writes, r->shared, code);
        if (writes && meet(c, false, r->shared, atomic)) return race(c, false, writes, r->shared, code);
        if (writes) {
            c.writer = current->linear, c.writer_block = block, c.write_epoch = epoch;
            c.write_subgroup = current->subgroup_epoch, c.write_atomic = atomic;
        } else {
            c.reader = current->linear, c.reader_block = block, c.read_epoch = epoch;
            c.read_subgroup = current->subgroup_epoch, c.read_atomic = atomic;
        }
    }
}

#define CODE __builtin_return_address(0)
extern "C" void simt_access_at(simt_u64 where, unsigned bytes, int writes, int atomic) {
    simt_access((const void *)where, bytes, writes, atomic, CODE);
}
#define SIZED(n)                                                                      \
    void __tsan_read##n(void *p) { simt_access(p, n, 0, 0, CODE); }                    \
    void __tsan_write##n(void *p) { simt_access(p, n, 1, 0, CODE); }                   \
    void __tsan_unaligned_read##n(void *p) { simt_access(p, n, 0, 0, CODE); }          \
    void __tsan_unaligned_write##n(void *p) { simt_access(p, n, 1, 0, CODE); }         \
    void __tsan_read_write##n(void *p) {                                              \
        simt_access(p, n, 0, 0, CODE);                                                \
        simt_access(p, n, 1, 0, CODE);                                                \
    }                                                                                 \
    void __tsan_unaligned_read_write##n(void *p) {                                    \
        simt_access(p, n, 0, 0, CODE);                                                \
        simt_access(p, n, 1, 0, CODE);                                                \
    }
extern "C" {
SIZED(1) SIZED(2) SIZED(4) SIZED(8) SIZED(16)
void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_read_range(void *p, unsigned long n) { simt_access(p, n, 0, 0, CODE); }
void __tsan_write_range(void *p, unsigned long n) { simt_access(p, n, 1, 0, CODE); }
void *__tsan_memcpy(void *to, const void *from, unsigned long n) {
    simt_access(from, n, 0, 0, CODE);
    simt_access(to, n, 1, 0, CODE);
    return memcpy(to, from, n);
}
void *__tsan_memmove(void *to, const void *from, unsigned long n) {
    simt_access(from, n, 0, 0, CODE);
    simt_access(to, n, 1, 0, CODE);
    return memmove(to, from, n);
}
void *__tsan_memset(void *p, int value, unsigned long n) {
    simt_access(p, n, 1, 0, CODE);
    return memset(p, value, n);
}
}
