/* What a library of kernels has more when it lives in a Python process (kdsl/native/inside.py): its launches run on the threads
 * that kdsl has anyway, and XLA, the compiler of JAX, can call its kernels.
 *
 * One idea: XLA hands over a frame of buffers, which are contiguous arrays; what a kernel reads comes as arguments, what it writes
 * as results, and a buffer that is both has the same memory twice. So a frame is a call of the kernel's, and nothing of Python
 * takes part. The structures are those of xla/ffi/api/c_api.h (version 0.3, from jaxlib/include), as far as they are used here.
 * Compiled by tools/make_support.py, as support.c is; the names that begin with KDSL_ are given the library's own prefix.
 */
typedef int int32_t;
typedef long int64_t;
typedef unsigned long uint64_t;
typedef unsigned int uint32_t;

/* --- of support.c --- */

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
typedef struct {
    int32_t is_array, size_bytes, rank, unit_axis, align, writes;
} Param;
typedef struct {
    const Param *params;
    const void *ways;
    int32_t param_count, way_count;
} Kernel;

int32_t KDSL_launch_kernel(const Kernel *kernel, const kdsl_launch *l, const void *const *given);
void KDSL_set_parallel(kdsl_parallel *run, void *context, int32_t threads);
const char *KDSL_error_text(int32_t error);
void *memcpy(void *to, const void *from, uint64_t size);
void *memset(void *to, int value, uint64_t size);

/* --- the threads of kdsl's runtime --- */

/* kdsl_pool_run of kdsl/codegen/cpu/pool.py, in the process's own pool: 0 while another launch is in it. */
typedef int64_t PoolRun(void *entry, void *args, void *launch, int64_t items, int64_t grain);

/* As the pool calls what it runs: args is the state, and the launch the body. */
static void body_as_entry(void *state, kdsl_body *body, int64_t begin, int64_t end, int64_t worker) {
    body(state, begin, end, worker);
}

static void on_the_pool(void *context, kdsl_body *body, void *state, int64_t items) {
    if (!((PoolRun *)context)((void *)body_as_entry, state, (void *)body, items, 1)) body(state, 0, items, 0);
}

static void on_this_thread(void *context, kdsl_body *body, void *state, int64_t items) {
    (void)context;
    body(state, 0, items, 0);
}

/* run: address of the pool's function, or 0 where there is none. */
void KDSL_share_pool(uint64_t run, int32_t threads) {
    if (run) KDSL_set_parallel(on_the_pool, (void *)run, threads);
    else KDSL_set_parallel(on_this_thread, 0, 1);
}

/* --- XLA --- */

typedef struct Extension {
    uint64_t struct_size;
    int32_t type; /* 1: XLA asks what the handler is */
    struct Extension *next;
} Extension;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    int32_t major, minor;
} Version;
typedef struct {
    uint64_t struct_size;
    Version version;
    uint32_t traits;
} Metadata;
typedef struct {
    Extension base;
    Metadata *metadata;
} MetadataExtension;
typedef struct Error Error;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    const char *message;
    int32_t code;
} ErrorArgs;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    Version version;
    const void *internal;
    Error *(*create_error)(ErrorArgs *args);
} Api;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    int32_t dtype;
    void *data;
    int64_t rank;
    const int64_t *dims;
} Buffer;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    int64_t size;
    const int32_t *types;
    void *const *values;
} Values; /* of arguments and of results */
typedef struct {
    const char *text;
    uint64_t size;
} Span;
typedef struct {
    int32_t dtype;
    uint64_t size;
    const void *data;
} AttributeArray;
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    int64_t size;
    const int32_t *types; /* 1: an array */
    Span *const *names;
    void *const *values;
} Attributes; /* sorted by name */
typedef struct {
    uint64_t struct_size;
    Extension *extensions;
    const Api *api;
    void *context;
    int32_t stage; /* 3: the call itself */
    Values arguments, results;
    Attributes attributes;
} Frame;

enum { MOST_PARAMS = 64, S64 = 5, INVALID_ARGUMENT = 3 };
enum { RESULT, ARGUMENT, CONSTANT }; /* where a parameter comes from; an argument that is written is a result, too */

static Error *wrong(const Frame *frame, const char *message) {
    ErrorArgs args = {sizeof args, 0, message, INVALID_ARGUMENT};
    return frame->api->create_error(&args);
}

static int32_t minor; /* of the interface that jaxlib's own header tells of */

void KDSL_xla_version(int32_t found) { minor = found; }

/* An attribute that is an array of `size` int64. */
static const int64_t *numbers(const Attributes *from, int64_t at, uint64_t size) {
    if (at >= from->size || from->types[at] != 1) return 0;
    const AttributeArray *array = from->values[at];
    return array->dtype == S64 && array->size == size ? array->data : 0;
}

static uint64_t size_of(const Param *p, const Buffer *b) {
    uint64_t size = (uint64_t)p->size_bytes;
    for (int64_t k = 0; k < b->rank; k++) size *= (uint64_t)b->dims[k];
    return size;
}

/* A call from XLA. Attributes: `given`, for each parameter where it comes from; `launch`, the nine numbers of the geometry;
 * `values`, the bytes of the numbers that are part of the program, a word for each parameter. */
Error *KDSL_xla_call(const Kernel *kernel, Frame *frame) {
    if (frame->extensions && frame->extensions->type == 1) {
        Metadata *m = ((MetadataExtension *)frame->extensions)->metadata;
        Version version = {sizeof version, 0, 0, minor};
        m->version = version;
        m->traits = 0;
        return 0;
    }
    if (frame->stage != 3) return 0;
    const int64_t *from = numbers(&frame->attributes, 0, (uint64_t)kernel->param_count);
    const int64_t *launch = numbers(&frame->attributes, 1, 9);
    const int64_t *values = numbers(&frame->attributes, 2, (uint64_t)kernel->param_count);
    if (!from || !launch || !values || kernel->param_count > MOST_PARAMS)
        return wrong(frame, "kdsl: the call's attributes are not those of its kernel");
    kdsl_array arrays[MOST_PARAMS];
    const void *given[MOST_PARAMS];
    int64_t arguments = 0, results = 0;
    for (int32_t i = 0; i < kernel->param_count; i++) {
        const Param *p = kernel->params + i;
        const Buffer *in = 0, *out = 0;
        if (from[i] == CONSTANT && !p->is_array && p->size_bytes <= 8) {
            given[i] = values + i;
            continue;
        }
        if (from[i] == ARGUMENT && arguments < frame->arguments.size) in = frame->arguments.values[arguments++];
        if (p->writes && results < frame->results.size) out = frame->results.values[results++];
        const Buffer *b = out ? out : in;
        if (!b || (from[i] == ARGUMENT && !in) || (p->writes && !out) || b->rank != (p->is_array ? p->rank : 0))
            return wrong(frame, "kdsl: the call's buffers are not those of its kernel");
        if (in && out && in->data != out->data) memcpy(out->data, in->data, size_of(p, out));
        else if (out && !in) memset(out->data, 0, size_of(p, out));
        arrays[i] = (kdsl_array){b->data, b->dims, 0};
        given[i] = p->is_array ? (const void *)&arrays[i] : b->data;
    }
    if (arguments != frame->arguments.size || results != frame->results.size)
        return wrong(frame, "kdsl: the call's buffers are not those of its kernel");
    int32_t error = KDSL_launch_kernel(kernel, (const kdsl_launch *)launch, given);
    return error ? wrong(frame, KDSL_error_text(error)) : 0;
}
