/* What a library of kernels does between a call from C and the kernels' code: check the arguments, choose the code for this
 * processor, cut the launch into pieces, and run these on threads.
 *
 * One idea: this is the C that every library of `kdsl build --library` shares, compiled once to LLVM's language by
 * tools/make_support.py (support-x86_64.ll, support-aarch64.ll), so that building a library takes no C compiler. It includes
 * nothing: what it asks of the C library stands below. Names that begin with KDSL_ are given the library's own prefix.
 *
 * How a launch is cut is `kdsl/runtime/cpu/schedule.py`; the calling convention of kernels is that of `kdsl/artifact.py`.
 */
typedef int int32_t;
typedef long int64_t;
typedef unsigned long uint64_t;
typedef unsigned int uint32_t;

/* The public structures: as `header.py` writes them. */
typedef struct {
    void *data;
    const int64_t *shape;
    const int64_t *strides;
} kdsl_array;
typedef struct {
    int64_t grid[3], block[3], threads[3];
} kdsl_launch;
typedef void kdsl_body(void *state, int64_t begin, int64_t end, int64_t worker);
typedef void kdsl_parallel(void *context, kdsl_body *body, void *state, int64_t items);

enum { OK, NO_POINTER, BAD_GEOMETRY, BAD_EXTENT, NOT_ALIGNED, OVERLAPS, NO_MEMORY, NO_CODE };

/* Tables that `library.py` writes. */
typedef struct {
    int32_t is_array, size_bytes, rank, unit_axis, align, writes;
} Param;
typedef void Entry(const uint64_t *args, const int64_t *launch, int64_t begin, int64_t end, int64_t worker);
typedef struct {
    Entry *code;
    double cost;
    int64_t shared_bytes, thread_bytes, stream_bytes;
    int32_t level, strided, linear, flat, width, linear_matters;
    int32_t block[3];
    int32_t rows, turned, ordered, tabled;
    int32_t counts_to; /* the argument slot of a number that loops go to, or -1 */
    int32_t asks;      /* for memory that it reads much later, where a launch says so */
    double round_ns;   /* what each of them takes beyond the 16 that `cost` has */
} Way;
typedef struct {
    const Param *params;
    const Way *ways; /* best first */
    int32_t param_count, way_count;
} Kernel;

void *aligned_alloc(uint64_t align, uint64_t size);
void free(void *);
char *getenv(const char *);
int64_t sysconf(int32_t);
int32_t sched_getaffinity(int32_t pid, uint64_t size, void *set);
int32_t __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);

/* The thread pool of kdsl/codegen/cpu/pool.py. */
int64_t kdsl_pool_start(void *handles, int64_t workers, int32_t spin);
void kdsl_pool_stop(void *handles, int64_t workers);
int64_t kdsl_pool_run(void *entry, void *args, void *launch, int64_t items, int64_t grain);

#ifdef __x86_64__
void kdsl_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
uint64_t kdsl_xgetbv(void);
#endif

#define MAX_WORKERS 1024
#define MAX_SLOTS 512
static int64_t handles[MAX_WORKERS];
static int32_t wanted, state; /* state of the pool: 0 not started, 1 somebody is starting it, 2 there, 3 for ever without one */
static int64_t started;
static kdsl_parallel *others;
static void *others_context;
static int64_t others_workers;
static int32_t level_known;

/* --- the processor --- */

/* The x86-64 psABI's level: 2, 3 or 4, and 5 with what Ice Lake and Zen 4 brought; 1 where there is not even SSE4.2. On AArch64
 * always 2, which all code is made for. */
static int32_t find_level(void) {
#ifdef __x86_64__
    uint32_t a[4], b[4], c[4];
    kdsl_cpuid(0, 0, a);
    uint32_t most = a[0];
    kdsl_cpuid(1, 0, a);
    kdsl_cpuid(0x80000001u, 0, c);
    const uint32_t v2 = 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23; /* SSE3 SSSE3 CX16 SSE4.1 SSE4.2 POPCNT */
    if ((a[2] & v2) != v2 || !(c[2] & 1)) return 1;
    const uint32_t v3 = 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29; /* FMA MOVBE OSXSAVE AVX F16C */
    if ((a[2] & v3) != v3 || most < 7 || !(c[2] & 1u << 5)) return 2;
    uint64_t saved = kdsl_xgetbv();
    kdsl_cpuid(7, 0, b);
    const uint32_t more = 1u << 3 | 1u << 5 | 1u << 8; /* BMI1 AVX2 BMI2 */
    if ((saved & 6) != 6 || (b[1] & more) != more) return 2;
    const uint32_t v4 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31; /* AVX-512 F DQ CD BW VL */
    if ((saved & 0xE6) != 0xE6 || (b[1] & v4) != v4) return 3;
    const uint32_t vbmi = 1u << 1 | 1u << 6 | 1u << 8 | 1u << 11 | 1u << 12 | 1u << 14; /* VBMI VBMI2 GFNI VNNI BITALG VPOPCNTDQ */
    return (b[2] & vbmi) == vbmi && b[1] & 1u << 21 ? 5 : 4; /* IFMA */
#else
    return 2;
#endif
}

static int32_t level(void) {
    int32_t known = __atomic_load_n(&level_known, __ATOMIC_RELAXED);
    if (!known) __atomic_store_n(&level_known, known = find_level(), __ATOMIC_RELAXED);
    return known;
}

static int64_t processors(void) {
    uint64_t set[128] = {0};
    int32_t bytes = sched_getaffinity(0, sizeof set, set);
    int64_t count = 0;
    if (bytes >= 0)
        for (int i = 0; i < 128; i++) count += __builtin_popcountl(set[i]);
    return count > 0 ? count : 1;
}

static int64_t cache_bytes(void) {
    int64_t found = sysconf(194); /* _SC_LEVEL3_CACHE_SIZE of glibc */
    return found > 0 ? found : 32 << 20;
}

/* --- threads --- */

static void without_pool(void) { /* a child of fork has no threads, and may not start any */
    __atomic_store_n(&state, 3, __ATOMIC_RELEASE);
    started = 0;
}

static int64_t asked_for(void) {
    if (wanted > 0) return wanted;
    const char *text = getenv("KDSL_NUM_THREADS");
    int64_t n = 0;
    while (text && *text >= '0' && *text <= '9' && n < MAX_WORKERS) n = n * 10 + (*text++ - '0');
    return n > 0 ? n : processors();
}

/* Threads that a launch may use, the caller among them; starts the pool. */
static int64_t workers(void) {
    if (others) return others_workers;
    int32_t now = 0;
    if (__atomic_compare_exchange_n(&state, &now, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        int64_t n = asked_for();
        if (n > MAX_WORKERS) n = MAX_WORKERS;
        if (n > 1) {
            static int32_t registered;
            if (!registered) registered = 1, __register_atfork(0, 0, without_pool, 0);
            started = kdsl_pool_start(handles, n - 1, n <= processors() ? 10000 : 20);
        }
        __atomic_store_n(&state, started ? 2 : 3, __ATOMIC_RELEASE);
    }
    return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == 2 ? started + 1 : 1;
}

void KDSL_shutdown(void) {
    int32_t there = 2;
    if (__atomic_compare_exchange_n(&state, &there, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        kdsl_pool_stop(handles, started);
        started = 0;
        __atomic_store_n(&state, 3, __ATOMIC_RELEASE);
    }
}

/* A destructor, in the section that today's linkers look for it in. */
__attribute__((used, section(".fini_array"))) static void (*const at_the_end[])(void) = {KDSL_shutdown};

void KDSL_set_threads(int32_t threads) { wanted = threads; }

void KDSL_set_parallel(kdsl_parallel *run, void *context, int32_t threads) {
    others_workers = threads > 1 ? threads : 1;
    others_context = context;
    others = run;
}

typedef struct {
    Entry *code;
    const uint64_t *args;
    const int64_t *record;
    int64_t items, grain;
} Work;

static void piece(void *given, int64_t begin, int64_t end, int64_t worker) {
    const Work *work = given;
    int64_t first = begin * work->grain, past = end * work->grain;
    work->code(work->args, work->record, first, past < work->items ? past : work->items, worker);
}

/* --- how a launch is cut: schedule.py --- */

typedef struct {
    int64_t items, grain, chunk;
    int32_t shared, brief, streams;
} Plan;

static int64_t round_up(int64_t value, int64_t to) { return (value + to - 1) & -to; } /* to: a power of two, as widths are */
static int64_t divide_up(int64_t value, int64_t by) { return (value + by - 1) / by; }

static double grain_threads(double threads, double cost, double workers, double tabled) {
    double shortest = 10000.0 / cost, longest = 200000.0 / cost, even = threads / (workers * 16.0);
    if (tabled) {
        double brought = tabled * 10.0 / 0.25 / cost;
        even = even > brought ? even : brought;
        longest = threads / workers;
    }
    even = even < longest ? even : longest;
    return shortest > even ? shortest : even;
}

static int64_t even(int64_t length, int64_t rows, int64_t chunk, int64_t width, int64_t n) {
    int64_t pieces = divide_up(length, chunk), best = chunk, least = -1;
    if (pieces * rows > 16 * n || n == 1) return chunk;
    for (int64_t k = pieces; k <= 2 * pieces; k++) {
        int64_t size = round_up(divide_up(length, k), width);
        int64_t longest = divide_up(divide_up(length, size) * rows, n) * size;
        if (least < 0 || longest < least || (longest == least && size > best)) least = longest, best = size;
    }
    return best;
}

/* Rows are longer than schedule.py's, which has launches try: on every processor measured, these gain. */
static int32_t streams(const Way *way, int64_t row, int64_t rows) {
    if (way->asks) return 1;
    if (!way->stream_bytes) return 0;
    int64_t written = row * way->stream_bytes;
    return written >= 4096 && written * rows > cache_bytes() / 2;
}

/* A launch as the code sees it: axis 0 and another have changed places, or (3) axes 1 and 2. */
static void turn(int64_t three[3], int32_t axis) {
    int32_t one = axis == 3, other = axis == 3 ? 2 : axis;
    int64_t x = three[one];
    three[one] = three[other];
    three[other] = x;
}

static kdsl_launch turned(const Way *way, const kdsl_launch *given) {
    kdsl_launch l = *given;
    turn(l.grid, way->turned), turn(l.block, way->turned), turn(l.threads, way->turned);
    return l;
}

/* Nanoseconds of a thread. */
static double cost_of(const Way *way, const uint64_t *slots) {
    double cost = way->cost;
    if (way->counts_to >= 0) cost += way->round_ns * ((double)(int64_t)slots[way->counts_to] - 16.0);
    return cost > 0.01 ? cost : 0.01;
}

static Plan make_plan(const Way *way, double cost, const kdsl_launch *l, int64_t n) {
    int64_t tx = l->threads[0], all = l->threads[1] * l->threads[2], threads = tx * all;
    Plan p = {0, 1, way->width, 0, threads * cost < 15000.0, 0};
    int32_t alone = p.brief || n == 1;
    p.streams = streams(way, tx, all);
    double want = grain_threads(threads, cost, n, way->tabled);
    if (!way->flat) {
        int64_t block = l->block[0] * l->block[1] * l->block[2];
        p.items = l->grid[0] * l->grid[1] * l->grid[2];
        int64_t grain = (int64_t)(want / block);
        int64_t share = divide_up(p.items, n), side = way->rows < share ? way->rows : share;
        p.grain = grain < 1 ? 1 : grain > p.items ? p.items : grain;
        if (side > p.grain) p.grain = side; /* neighbours that run as one */
        p.shared = !alone && p.items > p.grain;
        return p;
    }
    int64_t row = round_up(tx, way->width), rows = divide_up(l->threads[1], way->rows) * l->threads[2];
    if (alone) {
        p.items = p.grain = rows;
        p.chunk = row;
        return p;
    }
    double in_row = want / way->rows;
    int64_t chunk = in_row < 65536 ? (int64_t)in_row + 1 : 65536;
    chunk = round_up(chunk < 65536 ? chunk : 65536, way->width);
    p.chunk = even(tx, rows, chunk < row ? chunk : row, way->width, n);
    p.items = divide_up(tx, p.chunk) * rows;
    int64_t grain = (int64_t)(want / ((p.chunk < tx ? p.chunk : tx) * way->rows));
    p.grain = grain < 1 ? 1 : grain;
    p.shared = p.items > p.grain;
    return p;
}

/* --- a launch --- */

static int32_t check_geometry(const kdsl_launch *l) {
    for (int k = 0; k < 3; k++) {
        int64_t grid = l->grid[k], block = l->block[k], full;
        if (grid < 0 || block < 1 || block > 1024 || __builtin_mul_overflow(grid, block, &full)) return 0;
        if (l->threads[k] < 0 || l->threads[k] > full || l->threads[k] <= full - block - (grid == 0)) return 0;
    }
    return l->block[0] * l->block[1] * l->block[2] <= 1024;
}

/* Whether two elements may share bytes: each axis must step over all that the faster ones cover. */
static int32_t overlaps(const Param *p, const int64_t *shape, const int64_t *strides) {
    int64_t covered = p->size_bytes, done = 0;
    for (int32_t n = 0; n < p->rank; n++) {
        int32_t next = -1;
        for (int32_t k = 0; k < p->rank; k++) {
            int64_t s = strides[k] < 0 ? -strides[k] : strides[k];
            if (done >> k & 1 || shape[k] <= 1) continue;
            if (next < 0 || s < (strides[next] < 0 ? -strides[next] : strides[next])) next = k;
        }
        if (next < 0) return 0;
        done |= 1l << next;
        int64_t s = strides[next] < 0 ? -strides[next] : strides[next];
        if (s < covered) return 1;
        covered = s * (shape[next] - 1) + covered;
    }
    return 0;
}

/* Put one array into its slots; says in `strided` whether it is not contiguous along the axis that code takes to be. */
static int32_t pack_array(const Param *p, const kdsl_array *a, uint64_t *slots, int32_t *strided) {
    int64_t dense[64], empty = 0;
    if (!a || (p->rank && !a->shape)) return NO_POINTER;
    int64_t step = p->size_bytes;
    for (int32_t k = p->rank; k-- > 0;) {
        if (a->shape[k] < 0) return BAD_EXTENT;
        empty |= a->shape[k] == 0;
        dense[k] = step;
        if (__builtin_mul_overflow(step, a->shape[k] ? a->shape[k] : 1, &step)) return BAD_EXTENT;
    }
    const int64_t *strides = a->strides ? a->strides : dense;
    if (!a->data && !empty) return NO_POINTER;
    if ((uint64_t)a->data & (p->align - 1)) return NOT_ALIGNED; /* a power of two */
    slots[0] = (uint64_t)a->data;
    for (int32_t k = 0; k < p->rank; k++) {
        if (a->shape[k] > 1 && strides[k] & (p->align - 1)) return NOT_ALIGNED;
        slots[1 + k] = a->shape[k];
        slots[1 + p->rank + k] = strides[k];
    }
    if (p->unit_axis >= 0 && a->shape[p->unit_axis] > 1 && strides[p->unit_axis] != p->size_bytes && !empty) *strided = 1;
    return p->writes && a->strides && !empty && overlaps(p, a->shape, strides) ? OVERLAPS : OK;
}

static const Way *choose(const Kernel *kernel, const kdsl_launch *l, int32_t strided) {
    int32_t have = level(), whole = 1;
    for (int k = 0; k < 3; k++) whole &= l->threads[k] == l->grid[k] * l->block[k];
    const Way *general = 0;
    for (int32_t i = 0; i < kernel->way_count; i++) {
        const Way *w = kernel->ways + i;
        if (w->level > have || w->strided != strided) continue;
        if (general && w->level < general->level) break; /* better code was found */
        int32_t linear = w->linear_matters && l->block[0] & (w->width - 1) && l->block[1] * l->block[2] > 1;
        if (w->linear != linear) continue;
        if (!w->block[0]) general = w;
        else if (whole && w->block[0] == l->block[0] && w->block[1] == l->block[1] && w->block[2] == l->block[2]) return w;
    }
    return general;
}

static int32_t run(const Way *way, const kdsl_launch *given, const uint64_t *slots) {
    const kdsl_launch as_code_has_it = turned(way, given), *l = &as_code_has_it;
    double cost = cost_of(way, slots);
    Plan p = make_plan(way, cost, l, 1);
    int64_t n = 1;
    if (!p.brief && (n = workers()) > 1) p = make_plan(way, cost, l, n);
    int64_t record[16] = {l->grid[0], l->grid[1], l->grid[2], l->block[0], l->block[1], l->block[2],
                          l->threads[0], l->threads[1], l->threads[2], p.chunk, 0, 0, 0, p.streams, 0, 0};
    void *scratch = 0;
    if (way->shared_bytes || way->thread_bytes) {
        int64_t threads = round_up(l->block[0], way->width) * l->block[1] * l->block[2];
        int64_t stride = round_up(round_up(way->shared_bytes, 64) + way->thread_bytes * threads, 64);
        scratch = aligned_alloc(64, stride * (p.shared ? n : 1));
        if (!scratch) return NO_MEMORY;
        record[10] = (int64_t)scratch;
        record[11] = stride;
    }
    if (p.shared && others) {
        Work work = {way->code, slots, record, p.items, p.grain};
        others(others_context, piece, &work, divide_up(p.items, p.grain));
    } else if (!p.shared || !kdsl_pool_run((void *)way->code, (void *)slots, record, p.items, way->ordered ? -p.grain : p.grain)) {
        way->code(slots, record, 0, p.items, 0);
    }
    if (scratch) free(scratch);
    return OK;
}

/* given: for each parameter the address of its number, or the kdsl_array. */
int32_t KDSL_launch_kernel(const Kernel *kernel, const kdsl_launch *l, const void *const *given) {
    uint64_t slots[MAX_SLOTS];
    int32_t at = 0, strided = 0;
    if (!l) return NO_POINTER;
    if (!check_geometry(l)) return BAD_GEOMETRY;
    for (int32_t i = 0; i < kernel->param_count; i++) {
        const Param *p = kernel->params + i;
        if (p->is_array) {
            int32_t wrong = pack_array(p, given[i], slots + at, &strided);
            if (wrong) return wrong | (i + 1) << 8;
            at += 1 + 2 * p->rank;
            continue;
        }
        if (!given[i]) return NO_POINTER | (i + 1) << 8;
        int32_t words = (p->size_bytes + 7) / 8;
        for (int32_t k = 0; k < words; k++) slots[at + k] = 0;
        for (int32_t k = 0; k < p->size_bytes; k++) ((char *)(slots + at))[k] = ((const char *)given[i])[k];
        at += words;
    }
    const Way *way = choose(kernel, l, strided);
    if (!way) return NO_CODE;
    if (!(l->threads[0] && l->threads[1] && l->threads[2])) return OK;
    return run(way, l, slots);
}

const char *KDSL_error_text(int32_t error) {
    static const char *const texts[] = {
        "no error", "a null pointer where an array, a shape or a value is expected",
        "a grid, block or number of threads that cannot be", "a negative extent, or an array larger than memory",
        "an array whose elements are not aligned", "an array to be written whose elements share memory",
        "out of memory", "no code for this processor",
    };
    int32_t kind = error & 0xFF;
    return kind <= NO_CODE ? texts[kind] : "not an error of this library";
}
