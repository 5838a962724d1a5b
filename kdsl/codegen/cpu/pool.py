"""The CPU thread pool as LLVM IR text, and the few lines that compile it.

One idea: the pool is an object file like any kernel, so it needs no C compiler and no wheel of our own, and the
runtime loads it with the loader it has anyway (`kdsl.runtime.cpu.threads`).

How it works. One 64-bit word holds everything threads agree on: the generation (high half), whether the job is
open (bit 31) and how many workers are inside it (bits 0..30). A launch writes the job, then swaps in the next
generation with the open bit set. A worker joins by compare-and-swap, which fails once the job is closed, so a worker
that wakes late is never waited for: this is what keeps a launch short on a busy machine. The caller works too, closes
the job, and waits until nobody is inside.

Work items lie in one share for each thread, which it takes from the front, `grain` at a time; who has finished its share
goes on with those of the others. So what a thread does next borders on what it has just done, and the rows that two of them
read are in its own cache: with one counter for all, threads took turns, and a 3-D stencil took 1.55 times as long. Every
other launch goes through its shares from their ends: of arrays larger than the cache, what the launch before came to last is still
there, and launches that follow one another often read the same, or what the other wrote (stencils and sums took 1.03 to 1.07 times
as long). Kernels in which a block may wait for one before it say so by a grain below 0: from its end a share would begin with the
block that waits.
Both sides spin a bounded number of times and then sleep on a futex. A second caller is turned away and works alone.

Waking a worker takes as long as a short launch does. So those (`kdsl_pool_run_awake`) are shared while all workers are awake, and
are turned away otherwise; but where they follow one upon the other, the eighth wakes the workers for those behind it, which find
them spinning.

A worker is not woken on the processor on which the caller runs, where it would wait for its turn or take the caller's: Linux
chose that one in half of the launches of a machine with two processors, the other of which was idle, and the launch was no
faster than on one thread. So a caller that is about to wake workers first keeps them off its processor, if it has moved since
it last did: `sched_getcpu` reads a register, and threads that seldom move cost nothing more. Where there are more threads
than processors, and from 17 workers on, which a system seldom gathers in one place, workers stay wherever they are put.

Sleep and wake-up follow Dekker's pattern: a worker counts itself a sleeper, then waits for the generation to
change; the caller changes the generation, then reads the count of sleepers. Both are sequentially consistent, and
the kernel compares the word again before it puts a thread to sleep, so no wake-up is lost.
"""

from __future__ import annotations

from ...target import Target

__all__ = ["compile_pool", "pool_source"]

# Spin hint and number of the futex system call: Linux, arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h.
_ARCH = {
    "x86_64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()", 202),
    "aarch64": ("declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)", 98),
}

_MANY = 18  # threads, the caller among them, from which on nobody is kept off the caller's processor
_SOON_NS = 100_000  # between short launches that follow one upon the other: less than awake workers take to fall asleep
_IN_A_ROW = 8
_MOST_THREADS = 1024  # as `kdsl.runtime.cpu.threads` allows: shares are pages of zeros until threads have them

_SOURCE = """\
target triple = "{triple}"

@state = internal global [8 x i64] zeroinitializer, align 64  ; generation << 32 | open << 31 | workers inside
@shares = internal global [{most} x [8 x i64]] zeroinitializer, align 64  ; first grain that nobody has claimed, end
@job = internal global [8 x i64] zeroinitializer, align 64    ; entry, args, launch, items, grain, shares,
                                                              ; that bit of the generation, or 0, that has them taken forwards
@rest = internal global [8 x i64] zeroinitializer, align 64   ; sleepers, caller asleep, stop, spin limit (i32 each), threads,
                                                              ; handles, processor that workers are kept off (i32; -2: none ever)
@allowed = internal global [16 x i64] zeroinitializer, align 64  ; processors that the threads may use, a bit each
@taken = internal global [8 x i64] zeroinitializer, align 64  ; whether a caller is in `kdsl_pool_run`
@turned = internal global [8 x i64] zeroinitializer, align 64  ; when a short launch was turned away (ns), how many in a row

declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(i64, ptr)
declare i64 @syscall(i64, ...)
declare i32 @sched_getcpu()
declare i32 @clock_gettime(i32, ptr)
declare i32 @sched_getaffinity(i32, i64, ptr)
declare i32 @pthread_setaffinity_np(i64, i64, ptr)
declare i64 @llvm.ctpop.i64(i64)
{declare_pause}

define internal void @claim(i64 %worker) {{
entry:
  %entry_at = load ptr, ptr @job
  %args = load ptr, ptr getelementptr (i8, ptr @job, i64 8)
  %launch = load ptr, ptr getelementptr (i8, ptr @job, i64 16)
  %items = load i64, ptr getelementptr (i8, ptr @job, i64 24)
  %grain = load i64, ptr getelementptr (i8, ptr @job, i64 32)
  %shares = load i64, ptr getelementptr (i8, ptr @job, i64 40)
  %generations = load atomic i64, ptr @state monotonic, align 8
  %always = load i64, ptr getelementptr (i8, ptr @job, i64 48)
  %either = or i64 %generations, %always
  %parity = and i64 %either, 4294967296
  %forwards = icmp ne i64 %parity, 0
  %own = icmp slt i64 %worker, %shares
  %first = select i1 %own, i64 %worker, i64 0
  br label %visit
visit:
  %visited = phi i64 [ 0, %entry ], [ %visited1, %empty ]
  %share = phi i64 [ %first, %entry ], [ %next, %empty ]
  %front = getelementptr [8 x i64], ptr @shares, i64 %share
  %end_at = getelementptr i8, ptr %front, i64 8
  %limit = load i64, ptr %end_at
  %start_at = getelementptr i8, ptr %front, i64 16
  %start = load i64, ptr %start_at
  %ends = add i64 %start, %limit
  %mirror = sub i64 %ends, 1
  br label %loop
loop:
  %seen = load atomic i64, ptr %front monotonic, align 8
  %left = icmp slt i64 %seen, %limit
  br i1 %left, label %take, label %empty
take:
  %mine = atomicrmw add ptr %front, i64 1 monotonic, align 8
  %got = icmp slt i64 %mine, %limit
  br i1 %got, label %go, label %empty
go:
  %mirrored = sub i64 %mirror, %mine
  %which = select i1 %forwards, i64 %mine, i64 %mirrored
  %begin = mul i64 %which, %grain
  %past = add i64 %begin, %grain
  %short = icmp slt i64 %past, %items
  %end = select i1 %short, i64 %past, i64 %items
  call void %entry_at(ptr %args, ptr %launch, i64 %begin, i64 %end, i64 %worker)
  br label %loop
empty:
  %visited1 = add i64 %visited, 1
  %share1 = add i64 %share, 1
  %wraps = icmp eq i64 %share1, %shares
  %next = select i1 %wraps, i64 0, i64 %share1
  %more = icmp slt i64 %visited1, %shares
  br i1 %more, label %visit, label %done
done:
  ret void
}}

define internal ptr @worker(ptr %arg) {{
entry:
  %id = ptrtoint ptr %arg to i64
  br label %idle
idle:
  %seen = phi i64 [ 0, %entry ], [ %generation, %joining ], [ %generation, %work ], [ %generation, %tell ],
                  [ %generation, %ring ]
  br label %spin
spin:
  %k = phi i32 [ 0, %idle ], [ %k1, %pause ], [ 0, %sleep ], [ 0, %try ]
  %s = load atomic i64, ptr @state acquire, align 8
  %generation = lshr i64 %s, 32
  %new = icmp ne i64 %generation, %seen
  br i1 %new, label %awake, label %still
still:
  %limit = load atomic i32, ptr getelementptr (i8, ptr @rest, i64 12) monotonic, align 4
  %k1 = add i32 %k, 1
  %again = icmp ult i32 %k1, %limit
  br i1 %again, label %pause, label %sleep
pause:
  {pause}
  br label %spin
sleep:
  %in = atomicrmw add ptr @rest, i32 1 seq_cst, align 4
  %seen32 = trunc i64 %seen to i32
  %w = call i64 (i64, ...) @syscall(i64 {futex}, ptr {generation}, i64 128, i32 %seen32, ptr null, ptr null, i64 0)
  %out = atomicrmw sub ptr @rest, i32 1 seq_cst, align 4
  br label %spin
awake:
  %stop = load atomic i32, ptr getelementptr (i8, ptr @rest, i64 8) monotonic, align 4
  %quit = icmp ne i32 %stop, 0
  br i1 %quit, label %exit, label %joining
joining:
  %open = and i64 %s, 2147483648
  %closed = icmp eq i64 %open, 0
  br i1 %closed, label %idle, label %try
try:
  %s1 = add i64 %s, 1
  %pair = cmpxchg ptr @state, i64 %s, i64 %s1 acq_rel acquire, align 8
  %joined = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %joined, label %work, label %spin
work:
  call void @claim(i64 %id)
  %before = atomicrmw sub ptr @state, i64 1 seq_cst, align 8
  %low = trunc i64 %before to i32
  %last = icmp eq i32 %low, 1
  br i1 %last, label %tell, label %idle
tell:
  %asleep = load atomic i32, ptr getelementptr (i8, ptr @rest, i64 4) seq_cst, align 4
  %must = icmp ne i32 %asleep, 0
  br i1 %must, label %ring, label %idle
ring:
  %r = call i64 (i64, ...) @syscall(i64 {futex}, ptr @state, i64 129, i32 1, ptr null, ptr null, i64 0)
  br label %idle
exit:
  ret ptr null
}}

define internal void @keep_off(i32 %processor) {{
entry:
  %now = load i32, ptr getelementptr (i8, ptr @rest, i64 32)
  %ever = icmp ne i32 %now, -2
  %known = icmp ult i32 %processor, 1024
  %sensible = and i1 %ever, %known
  br i1 %sensible, label %go, label %done
go:
  store i32 %processor, ptr getelementptr (i8, ptr @rest, i64 32)
  %wide = zext i32 %processor to i64
  %word = lshr i64 %wide, 6
  %bit = and i64 %wide, 63
  %one = shl i64 1, %bit
  %others = xor i64 %one, -1
  %at = getelementptr i64, ptr @allowed, i64 %word
  %all = load i64, ptr %at
  %without = and i64 %all, %others
  store i64 %without, ptr %at
  %handles = load ptr, ptr getelementptr (i8, ptr @rest, i64 24)
  %threads = load i64, ptr getelementptr (i8, ptr @rest, i64 16)
  br label %loop
loop:
  %i = phi i64 [ 1, %go ], [ %i1, %move ]
  %more = icmp slt i64 %i, %threads
  br i1 %more, label %move, label %last
move:
  %k = sub i64 %i, 1
  %handle_at = getelementptr i64, ptr %handles, i64 %k
  %handle = load i64, ptr %handle_at
  %r = call i32 @pthread_setaffinity_np(i64 %handle, i64 128, ptr @allowed)
  %i1 = add i64 %i, 1
  br label %loop
last:
  store i64 %all, ptr %at
  br label %done
done:
  ret void
}}

define internal void @wake(i64 %useful) {{
entry:
  %here = call i32 @sched_getcpu()
  %before = load i32, ptr getelementptr (i8, ptr @rest, i64 32)
  %stayed = icmp eq i32 %here, %before
  br i1 %stayed, label %call, label %moved
moved:
  call void @keep_off(i32 %here)
  br label %call
call:
  %few = icmp slt i64 %useful, 1000000
  %n = select i1 %few, i64 %useful, i64 1000000
  %n32 = trunc i64 %n to i32
  %r = call i64 (i64, ...) @syscall(i64 {futex}, ptr {generation}, i64 129, i32 %n32, ptr null, ptr null, i64 0)
  ret void
}}

define i64 @kdsl_pool_take() {{
entry:
  %was = atomicrmw xchg ptr @taken, i64 1 acquire, align 8
  %free = xor i64 %was, 1
  ret i64 %free
}}

define i64 @kdsl_pool_run(ptr %entry_at, ptr %args, ptr %launch, i64 %items, i64 %grain) {{
entry:
  %free = call i64 @kdsl_pool_take()
  %mayrun = icmp ne i64 %free, 0
  br i1 %mayrun, label %launching, label %busy
busy:
  ret i64 0
launching:
  store ptr %entry_at, ptr @job
  store ptr %args, ptr getelementptr (i8, ptr @job, i64 8)
  store ptr %launch, ptr getelementptr (i8, ptr @job, i64 16)
  store i64 %items, ptr getelementptr (i8, ptr @job, i64 24)
  %ordered = icmp slt i64 %grain, 0
  %negated = sub i64 0, %grain
  %size = select i1 %ordered, i64 %negated, i64 %grain
  %always = select i1 %ordered, i64 4294967296, i64 0
  store i64 %size, ptr getelementptr (i8, ptr @job, i64 32)
  store i64 %always, ptr getelementptr (i8, ptr @job, i64 48)
  %last = sub i64 %items, 1
  %useful = udiv i64 %last, %size
  %grains = add i64 %useful, 1
  %threads = load i64, ptr getelementptr (i8, ptr @rest, i64 16)
  %enough = icmp slt i64 %threads, %grains
  %shares = select i1 %enough, i64 %threads, i64 %grains
  store i64 %shares, ptr getelementptr (i8, ptr @job, i64 40)
  %each = udiv i64 %grains, %shares
  %even = mul i64 %each, %shares
  %over = sub i64 %grains, %even
  br label %sharing
sharing:
  %share = phi i64 [ 0, %launching ], [ %share1, %sharing ]
  %from = phi i64 [ 0, %launching ], [ %to, %sharing ]
  %larger = icmp slt i64 %share, %over
  %one = zext i1 %larger to i64
  %count = add i64 %each, %one
  %to = add i64 %from, %count
  %front = getelementptr [8 x i64], ptr @shares, i64 %share
  store i64 %from, ptr %front
  %end_at = getelementptr i8, ptr %front, i64 8
  store i64 %to, ptr %end_at
  %start_at = getelementptr i8, ptr %front, i64 16
  store i64 %from, ptr %start_at
  %share1 = add i64 %share, 1
  %rest = icmp slt i64 %share1, %shares
  br i1 %rest, label %sharing, label %opening
opening:
  %s = load atomic i64, ptr @state monotonic, align 8
  %g = lshr i64 %s, 32
  %g1 = add i64 %g, 1
  %high = shl i64 %g1, 32
  %opened = or i64 %high, 2147483648
  %was = atomicrmw xchg ptr @state, i64 %opened seq_cst, align 8
  %sleepers = load atomic i32, ptr @rest seq_cst, align 4
  %any = icmp ne i32 %sleepers, 0
  br i1 %any, label %wake, label %mine
wake:
  call void @wake(i64 %useful)
  br label %mine
mine:
  call void @claim(i64 0)
  %closing = atomicrmw and ptr @state, i64 -2147483649 seq_cst, align 8
  br label %wait
wait:
  %k = phi i32 [ 0, %mine ], [ %k1, %pause ], [ 0, %sleep ]
  %now = load atomic i64, ptr @state acquire, align 8
  %inside = trunc i64 %now to i32
  %done = icmp eq i32 %inside, 0
  br i1 %done, label %exit, label %still
still:
  %limit = load atomic i32, ptr getelementptr (i8, ptr @rest, i64 12) monotonic, align 4
  %k1 = add i32 %k, 1
  %again = icmp ult i32 %k1, %limit
  br i1 %again, label %pause, label %sleep
pause:
  {pause}
  br label %wait
sleep:
  store atomic i32 1, ptr getelementptr (i8, ptr @rest, i64 4) seq_cst, align 4
  %w = call i64 (i64, ...) @syscall(i64 {futex}, ptr @state, i64 128, i32 %inside, ptr null, ptr null, i64 0)
  store atomic i32 0, ptr getelementptr (i8, ptr @rest, i64 4) seq_cst, align 4
  br label %wait
exit:
  store atomic i64 0, ptr @taken release, align 8
  ret i64 1
}}

define i64 @kdsl_pool_run_awake(ptr %entry_at, ptr %args, ptr %launch, i64 %items, i64 %grain) {{
entry:
  %time = alloca [2 x i64], align 8
  %sleepers = load atomic i32, ptr @rest monotonic, align 4
  %any = icmp ne i32 %sleepers, 0
  br i1 %any, label %asleep, label %awake
awake:
  %has.run = call i64 @kdsl_pool_run(ptr %entry_at, ptr %args, ptr %launch, i64 %items, i64 %grain)
  ret i64 %has.run
asleep:
  %r = call i32 @clock_gettime(i32 1, ptr %time)
  %s = load i64, ptr %time
  %ns.at = getelementptr i64, ptr %time, i64 1
  %ns = load i64, ptr %ns.at
  %in.ns = mul i64 %s, 1000000000
  %now = add i64 %in.ns, %ns
  %before = load atomic i64, ptr @turned monotonic, align 8
  store atomic i64 %now, ptr @turned monotonic, align 8
  %since = sub i64 %now, %before
  %soon = icmp ult i64 %since, {soon_ns}
  %count = load atomic i64, ptr getelementptr (i8, ptr @turned, i64 8) monotonic, align 8
  %more = add i64 %count, 1
  %row = select i1 %soon, i64 %more, i64 0
  %enough = icmp sge i64 %row, {in_a_row}
  %kept = select i1 %enough, i64 0, i64 %row
  store atomic i64 %kept, ptr getelementptr (i8, ptr @turned, i64 8) monotonic, align 8
  br i1 %enough, label %rouse, label %alone
rouse:
  %free = call i64 @kdsl_pool_take()  ; whose caller may just be moving the workers
  %may = icmp ne i64 %free, 0
  br i1 %may, label %call, label %alone
call:
  call void @wake(i64 {most})
  store atomic i64 0, ptr @taken release, align 8
  br label %alone
alone:
  ret i64 0
}}

define i64 @kdsl_pool_start(ptr %handles, i64 %count, i32 %spin) {{
entry:
  store atomic i32 %spin, ptr getelementptr (i8, ptr @rest, i64 12) seq_cst, align 4
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %made ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %make, label %done
make:
  %at = getelementptr i64, ptr %handles, i64 %i
  %i1 = add i64 %i, 1
  %id = inttoptr i64 %i1 to ptr
  %r = call i32 @pthread_create(ptr %at, ptr null, ptr @worker, ptr %id)
  %failed = icmp ne i32 %r, 0
  br i1 %failed, label %done, label %made
made:
  br label %loop
done:
  %threads = add i64 %i, 1
  store i64 %threads, ptr getelementptr (i8, ptr @rest, i64 16)
  store ptr %handles, ptr getelementptr (i8, ptr @rest, i64 24)
  %unknown = call i32 @sched_getaffinity(i32 0, i64 128, ptr @allowed)
  %told = icmp sge i32 %unknown, 0
  br label %counting
counting:
  %w = phi i64 [ 0, %done ], [ %w1, %counting ]
  %total = phi i64 [ 0, %done ], [ %total1, %counting ]
  %word_at = getelementptr i64, ptr @allowed, i64 %w
  %word = load i64, ptr %word_at
  %ones = call i64 @llvm.ctpop.i64(i64 %word)
  %total1 = add i64 %total, %ones
  %w1 = add i64 %w, 1
  %words = icmp slt i64 %w1, 16
  br i1 %words, label %counting, label %decide
decide:
  %room = icmp sge i64 %total1, %threads
  %few = icmp slt i64 %threads, {many}
  %both = and i1 %room, %few
  %keep = and i1 %both, %told
  %none = select i1 %keep, i32 -1, i32 -2
  store i32 %none, ptr getelementptr (i8, ptr @rest, i64 32)
  %here = call i32 @sched_getcpu()
  call void @keep_off(i32 %here)  ; new threads begin where the caller runs, too
  ret i64 %i
}}

define void @kdsl_pool_stop(ptr %handles, i64 %count) {{
entry:
  store atomic i32 1, ptr getelementptr (i8, ptr @rest, i64 8) seq_cst, align 4
  %was = atomicrmw add ptr @state, i64 4294967296 seq_cst, align 8
  %r = call i64 (i64, ...) @syscall(i64 {futex}, ptr {generation}, i64 129, i32 2147483647, ptr null, ptr null, i64 0)
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %join ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %join, label %done
join:
  %at = getelementptr i64, ptr %handles, i64 %i
  %h = load i64, ptr %at
  %j = call i32 @pthread_join(i64 %h, ptr null)
  %i1 = add i64 %i, 1
  br label %loop
done:
  ret void
}}
"""


def pool_source(target: Target) -> str:
    """LLVM IR of the thread pool for a Linux CPU target (x86-64 or AArch64).

    It defines `kdsl_pool_start(handles, count, spin) -> threads started`, `kdsl_pool_run(entry, args, launch, items,
    grain)`, which gives 0 and does nothing where another caller is in it, `kdsl_pool_run_awake` of the same arguments, which does
    so too where a worker sleeps, `kdsl_pool_take()`, which keeps every caller
    out from then on (0 while one is in), and `kdsl_pool_stop(handles, count)`; `handles` has room for `count` 8-byte
    thread handles.
    """
    declare_pause, pause, futex = _ARCH[target.triple.split("-", 1)[0]]
    generation = "getelementptr (i8, ptr @state, i64 4)"  # the high half of the word, which workers sleep on
    return _SOURCE.format(
        triple=target.triple, most=_MOST_THREADS, many=_MANY, soon_ns=_SOON_NS, in_a_row=_IN_A_ROW,
        declare_pause=declare_pause, pause=pause, futex=futex, generation=generation,
    )  # fmt: skip


def compile_pool(target: Target) -> bytes:
    """The pool as an ELF object, position independent. Takes about 10 ms; needs llvmlite."""
    return plain_object(pool_source(target), target)


def plain_object(text: str, target: Target) -> bytes:
    """An object of LLVM text that is as it should be: without LLVM's passes."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(text)
    module.verify()
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=1, reloc="pic", codemodel="default"
    )
    return machine.emit_object(module)
