"""Functions that texts call, as they stand in them. Written by tools/make_functions.py; do not edit.

One idea: these are the same in every process, and to make them took a seventh of the time of the first text that has one. What
is not here is made when it is wanted: the functions of math="strict" and "fast", which fewer kernels ask for.
"""

from __future__ import annotations

__all__ = ["WRITTEN"]

# (Language, name) -> what stands in the text for it, in parts.
WRITTEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("PTX", "payne_hanek_f32"): (
        """\
.global .align 4 .b32 table0_of_payne_hanek_f32[40] = {0, 0, 2734261102, 1313084713, 4230436817, 4113882560, 3680671129, 1011060801, 4266746795, 3736847713, 3072618042, 1112396512, 105459434, 164729372, 4263373596, 2972297022, 3900847605, 784024708, 3919343654, 3026157121, 965858873, 2203269620, 2625920907, 3187222587, 536385535, 3724908559, 4012839307, 1510632735, 1832287951, 667617719, 1330003814, 2657085997, 1965537991, 3957715323, 1023883767, 2320667370, 1811636145, 529358088, 1443049542, 4235946923};""",
        """\
.func (.param .align 4 .b8 reduced[12]) payne_hanek_f32(.param .b32 x)
{
	.reg .pred %p<4>;
	.reg .b32 %r<23>;
	.reg .b64 %rd<39>;
	.reg .f32 %f<26>;
	mov.u64 %rd4, table0_of_payne_hanek_f32;
	ld.param.b32 %f1, [x];
	mov.b32 %r1, %f1;
	and.b32 %r2, %r1, 8388607;
	or.b32 %r3, %r2, 8388608;
	cvt.u64.u32 %rd1, %r3;
	shr.s32 %r4, %r1, 23;
	add.s32 %r5, %r4, -88;
	shr.s32 %r6, %r5, 5;
	setp.gt.s32 %p1, %r6, 36;
	selp.b32 %r7, 36, %r6, %p1;
	setp.lt.s32 %p2, %r7, 0;
	selp.b32 %r8, 0, %r7, %p2;
	and.b32 %r9, %r5, 31;
	sub.s32 %r10, 32, %r9;
	cvt.u64.u32 %rd2, %r10;
	and.b64 %rd3, %rd2, 63;
	mad.wide.s32 %rd5, %r8, 4, %rd4;
	ld.global.nc.b32 %r11, [%rd5];
	cvt.u64.u32 %rd6, %r11;
	add.s32 %r12, %r8, 1;
	mad.wide.s32 %rd7, %r12, 4, %rd4;
	ld.global.nc.b32 %r13, [%rd7];
	cvt.u64.u32 %rd8, %r13;
	add.s32 %r14, %r8, 2;
	mad.wide.s32 %rd9, %r14, 4, %rd4;
	ld.global.nc.b32 %r15, [%rd9];
	cvt.u64.u32 %rd10, %r15;
	add.s32 %r16, %r8, 3;
	mad.wide.s32 %rd11, %r16, 4, %rd4;
	ld.global.nc.b32 %r17, [%rd11];
	cvt.u64.u32 %rd12, %r17;
	shl.b64 %rd13, %rd6, 32;
	or.b64 %rd14, %rd13, %rd8;
	cvt.u32.u64 %r18, %rd3;
	shr.u64 %rd15, %rd14, %r18;
	and.b64 %rd16, %rd15, 4294967295;
	shl.b64 %rd17, %rd8, 32;
	or.b64 %rd18, %rd17, %rd10;
	shr.u64 %rd19, %rd18, %r18;
	and.b64 %rd20, %rd19, 4294967295;
	shl.b64 %rd21, %rd10, 32;
	or.b64 %rd22, %rd21, %rd12;
	shr.u64 %rd23, %rd22, %r18;
	and.b64 %rd24, %rd23, 4294967295;
	mul.lo.u64 %rd25, %rd1, %rd16;
	shl.b64 %rd26, %rd25, 32;
	mul.lo.u64 %rd27, %rd1, %rd20;
	add.u64 %rd28, %rd26, %rd27;
	mul.lo.u64 %rd29, %rd1, %rd24;
	shr.u64 %rd30, %rd29, 32;
	add.u64 %rd31, %rd28, %rd30;
	add.u64 %rd32, %rd31, 2305843009213693952;
	shr.u64 %rd33, %rd32, 62;
	shl.b64 %rd34, %rd31, 2;
	shr.s64 %rd35, %rd34, 40;
	cvt.u32.u64 %r19, %rd35;
	cvt.rn.f32.s32 %f2, %r19;
	shr.s64 %rd36, %rd34, 16;
	and.b64 %rd37, %rd36, 16777215;
	cvt.u32.u64 %r20, %rd37;
	cvt.rn.f32.s32 %f3, %r20;
	mul.rn.f32 %f4, %f3, 0f33800000;
	and.b64 %rd38, %rd34, 65535;
	cvt.u32.u64 %r21, %rd38;
	cvt.rn.f32.s32 %f5, %r21;
	mul.rn.f32 %f6, %f5, 0f2B800000;
	add.rn.f32 %f7, %f2, %f4;
	sub.rn.f32 %f8, %f7, %f2;
	sub.rn.f32 %f9, %f4, %f8;
	add.rn.f32 %f10, %f9, %f6;
	add.rn.f32 %f11, %f7, %f10;
	sub.rn.f32 %f12, %f11, %f7;
	sub.rn.f32 %f13, %f10, %f12;
	mul.rn.f32 %f14, %f11, 0f3FC90FDB;
	neg.f32 %f15, %f14;
	fma.rn.f32 %f16, %f11, 0f3FC90FDB, %f15;
	mul.rn.f32 %f17, %f11, 0fB33BBD2E;
	fma.rn.f32 %f18, %f13, 0f3FC90FDB, %f17;
	add.rn.f32 %f19, %f16, %f18;
	add.rn.f32 %f20, %f14, %f19;
	sub.rn.f32 %f21, %f20, %f14;
	sub.rn.f32 %f22, %f19, %f21;
	mul.rn.f32 %f23, %f20, 0f33800000;
	mul.rn.f32 %f24, %f22, 0f33800000;
	cvt.u32.u64 %r22, %rd33;
	setp.eq.f32 %p3, %f1, 0f7F800000;
	selp.f32 %f25, 0f7FC00000, %f23, %p3;
	st.param.b32 [reduced+0], %r22;
	st.param.b32 [reduced+4], %f25;
	st.param.b32 [reduced+8], %f24;
	ret;
}""",
    ),
    ("PTX", "payne_hanek_f64"): (
        """\
.global .align 4 .b32 table0_of_payne_hanek_f64[40] = {0, 0, 2734261102, 1313084713, 4230436817, 4113882560, 3680671129, 1011060801, 4266746795, 3736847713, 3072618042, 1112396512, 105459434, 164729372, 4263373596, 2972297022, 3900847605, 784024708, 3919343654, 3026157121, 965858873, 2203269620, 2625920907, 3187222587, 536385535, 3724908559, 4012839307, 1510632735, 1832287951, 667617719, 1330003814, 2657085997, 1965537991, 3957715323, 1023883767, 2320667370, 1811636145, 529358088, 1443049542, 4235946923};""",
        """\
.func (.param .align 8 .b8 reduced[24]) payne_hanek_f64(.param .b64 x)
{
	.reg .pred %p<5>;
	.reg .b32 %r<23>;
	.reg .b64 %rd<106>;
	.reg .f64 %fd<26>;
	mov.u64 %rd7, table0_of_payne_hanek_f64;
	ld.param.b64 %fd1, [x];
	mov.b64 %rd1, %fd1;
	and.b64 %rd2, %rd1, 4503599627370495;
	or.b64 %rd3, %rd2, 4503599627370496;
	shr.s64 %rd4, %rd1, 52;
	cvt.u32.u64 %r1, %rd4;
	add.s32 %r2, %r1, -1013;
	shr.s32 %r3, %r2, 5;
	setp.gt.s32 %p1, %r3, 33;
	selp.b32 %r4, 33, %r3, %p1;
	setp.lt.s32 %p2, %r4, 0;
	selp.b32 %r5, 0, %r4, %p2;
	and.b32 %r6, %r2, 31;
	sub.s32 %r7, 32, %r6;
	cvt.u64.u32 %rd5, %r7;
	and.b64 %rd6, %rd5, 63;
	mad.wide.s32 %rd8, %r5, 4, %rd7;
	ld.global.nc.b32 %r8, [%rd8];
	cvt.u64.u32 %rd9, %r8;
	add.s32 %r9, %r5, 1;
	mad.wide.s32 %rd10, %r9, 4, %rd7;
	ld.global.nc.b32 %r10, [%rd10];
	cvt.u64.u32 %rd11, %r10;
	add.s32 %r11, %r5, 2;
	mad.wide.s32 %rd12, %r11, 4, %rd7;
	ld.global.nc.b32 %r12, [%rd12];
	cvt.u64.u32 %rd13, %r12;
	add.s32 %r13, %r5, 3;
	mad.wide.s32 %rd14, %r13, 4, %rd7;
	ld.global.nc.b32 %r14, [%rd14];
	cvt.u64.u32 %rd15, %r14;
	add.s32 %r15, %r5, 4;
	mad.wide.s32 %rd16, %r15, 4, %rd7;
	ld.global.nc.b32 %r16, [%rd16];
	cvt.u64.u32 %rd17, %r16;
	add.s32 %r17, %r5, 5;
	mad.wide.s32 %rd18, %r17, 4, %rd7;
	ld.global.nc.b32 %r18, [%rd18];
	cvt.u64.u32 %rd19, %r18;
	add.s32 %r19, %r5, 6;
	mad.wide.s32 %rd20, %r19, 4, %rd7;
	ld.global.nc.b32 %r20, [%rd20];
	cvt.u64.u32 %rd21, %r20;
	shl.b64 %rd22, %rd9, 32;
	or.b64 %rd23, %rd22, %rd11;
	cvt.u32.u64 %r21, %rd6;
	shr.u64 %rd24, %rd23, %r21;
	and.b64 %rd25, %rd24, 4294967295;
	shl.b64 %rd26, %rd11, 32;
	or.b64 %rd27, %rd26, %rd13;
	shr.u64 %rd28, %rd27, %r21;
	and.b64 %rd29, %rd28, 4294967295;
	shl.b64 %rd30, %rd13, 32;
	or.b64 %rd31, %rd30, %rd15;
	shr.u64 %rd32, %rd31, %r21;
	and.b64 %rd33, %rd32, 4294967295;
	shl.b64 %rd34, %rd15, 32;
	or.b64 %rd35, %rd34, %rd17;
	shr.u64 %rd36, %rd35, %r21;
	and.b64 %rd37, %rd36, 4294967295;
	shl.b64 %rd38, %rd17, 32;
	or.b64 %rd39, %rd38, %rd19;
	shr.u64 %rd40, %rd39, %r21;
	and.b64 %rd41, %rd40, 4294967295;
	shl.b64 %rd42, %rd19, 32;
	or.b64 %rd43, %rd42, %rd21;
	shr.u64 %rd44, %rd43, %r21;
	and.b64 %rd45, %rd44, 4294967295;
	shl.b64 %rd46, %rd25, 32;
	or.b64 %rd47, %rd46, %rd29;
	shl.b64 %rd48, %rd33, 32;
	or.b64 %rd49, %rd48, %rd37;
	shl.b64 %rd50, %rd41, 32;
	or.b64 %rd51, %rd50, %rd45;
	shr.u64 %rd52, %rd3, 32;
	and.b64 %rd53, %rd3, 4294967295;
	shr.u64 %rd54, %rd49, 32;
	and.b64 %rd55, %rd49, 4294967295;
	mul.lo.u64 %rd56, %rd53, %rd55;
	mul.lo.u64 %rd57, %rd52, %rd55;
	mul.lo.u64 %rd58, %rd53, %rd54;
	shr.u64 %rd59, %rd56, 32;
	and.b64 %rd60, %rd57, 4294967295;
	add.u64 %rd61, %rd59, %rd60;
	and.b64 %rd62, %rd58, 4294967295;
	add.u64 %rd63, %rd61, %rd62;
	shr.u64 %rd64, %rd63, 32;
	mul.lo.u64 %rd65, %rd52, %rd54;
	shr.u64 %rd66, %rd57, 32;
	add.u64 %rd67, %rd65, %rd66;
	shr.u64 %rd68, %rd58, 32;
	add.u64 %rd69, %rd67, %rd68;
	add.u64 %rd70, %rd69, %rd64;
	mul.lo.u64 %rd71, %rd3, %rd49;
	shr.u64 %rd72, %rd51, 32;
	and.b64 %rd73, %rd51, 4294967295;
	mul.lo.u64 %rd74, %rd53, %rd73;
	mul.lo.u64 %rd75, %rd52, %rd73;
	mul.lo.u64 %rd76, %rd53, %rd72;
	shr.u64 %rd77, %rd74, 32;
	and.b64 %rd78, %rd75, 4294967295;
	add.u64 %rd79, %rd77, %rd78;
	and.b64 %rd80, %rd76, 4294967295;
	add.u64 %rd81, %rd79, %rd80;
	shr.u64 %rd82, %rd81, 32;
	mul.lo.u64 %rd83, %rd52, %rd72;
	shr.u64 %rd84, %rd75, 32;
	add.u64 %rd85, %rd83, %rd84;
	shr.u64 %rd86, %rd76, 32;
	add.u64 %rd87, %rd85, %rd86;
	add.u64 %rd88, %rd87, %rd82;
	add.u64 %rd89, %rd71, %rd88;
	setp.lt.u64 %p3, %rd89, %rd71;
	selp.b32 %r22, 1, 0, %p3;
	mul.lo.u64 %rd90, %rd3, %rd47;
	add.u64 %rd91, %rd90, %rd70;
	cvt.s64.s32 %rd92, %r22;
	add.u64 %rd93, %rd91, %rd92;
	add.u64 %rd94, %rd93, 2305843009213693952;
	shr.u64 %rd95, %rd94, 62;
	shl.b64 %rd96, %rd93, 2;
	shr.u64 %rd97, %rd89, 62;
	or.b64 %rd98, %rd96, %rd97;
	shl.b64 %rd99, %rd89, 2;
	shr.u64 %rd100, %rd99, 24;
	and.b64 %rd101, %rd98, 4095;
	shl.b64 %rd102, %rd101, 40;
	or.b64 %rd103, %rd100, %rd102;
	shr.s64 %rd104, %rd98, 12;
	cvt.rn.f64.s64 %fd2, %rd104;
	cvt.rn.f64.s64 %fd3, %rd103;
	mul.rn.f64 %fd4, %fd3, 0d3CB0000000000000;
	and.b64 %rd105, %rd99, 16777215;
	cvt.rn.f64.s64 %fd5, %rd105;
	mul.rn.f64 %fd6, %fd5, 0d3B30000000000000;
	add.rn.f64 %fd7, %fd2, %fd4;
	sub.rn.f64 %fd8, %fd7, %fd2;
	sub.rn.f64 %fd9, %fd4, %fd8;
	add.rn.f64 %fd10, %fd9, %fd6;
	add.rn.f64 %fd11, %fd7, %fd10;
	sub.rn.f64 %fd12, %fd11, %fd7;
	sub.rn.f64 %fd13, %fd10, %fd12;
	mul.rn.f64 %fd14, %fd11, 0d3FF921FB54442D18;
	neg.f64 %fd15, %fd14;
	fma.rn.f64 %fd16, %fd11, 0d3FF921FB54442D18, %fd15;
	mul.rn.f64 %fd17, %fd11, 0d3C91A62633145C07;
	fma.rn.f64 %fd18, %fd13, 0d3FF921FB54442D18, %fd17;
	add.rn.f64 %fd19, %fd16, %fd18;
	add.rn.f64 %fd20, %fd14, %fd19;
	sub.rn.f64 %fd21, %fd20, %fd14;
	sub.rn.f64 %fd22, %fd19, %fd21;
	mul.rn.f64 %fd23, %fd20, 0d3CB0000000000000;
	mul.rn.f64 %fd24, %fd22, 0d3CB0000000000000;
	setp.eq.f64 %p4, %fd1, 0d7FF0000000000000;
	selp.f64 %fd25, 0d7FF8000000000000, %fd23, %p4;
	st.param.b64 [reduced+0], %rd95;
	st.param.b64 [reduced+8], %fd25;
	st.param.b64 [reduced+16], %fd24;
	ret;
}""",
    ),
    ("HIP", "payne_hanek_f32"): (
        """\
// Argument reduction (Payne and Hanek): x is (quadrant + 4*any)*pi/2 + rest + tail, also if it is huge.
struct result_of_called_function { int quadrant; float rest; float tail; };
static __device__ const unsigned table0_of_called_function[40] = {0u, 0u, 2734261102u, 1313084713u, 4230436817u, 4113882560u, 3680671129u, 1011060801u, 4266746795u, 3736847713u, 3072618042u, 1112396512u, 105459434u, 164729372u, 4263373596u, 2972297022u, 3900847605u, 784024708u, 3919343654u, 3026157121u, 965858873u, 2203269620u, 2625920907u, 3187222587u, 536385535u, 3724908559u, 4012839307u, 1510632735u, 1832287951u, 667617719u, 1330003814u, 2657085997u, 1965537991u, 3957715323u, 1023883767u, 2320667370u, 1811636145u, 529358088u, 1443049542u, 4235946923u};
static __device__ result_of_called_function called_function(float x) {
#pragma clang fp contract(off)
    const int t1 = __builtin_bit_cast(int, x);
    const unsigned long long t2 = (unsigned)((t1 & 8388607) | 8388608);
    const int t3 = (t1 >> 23) - 88;
    const int t4 = t3 >> 5;
    const int t5 = t4 > 36 ? 36 : t4;
    const int t6 = t5 < 0 ? 0 : t5;
    const unsigned long long t7 = (unsigned long long)(unsigned)(32 - (t3 & 31)) & 63;
    const unsigned long long t8 = table0_of_called_function[t6 + 1];
    const unsigned long long t9 = table0_of_called_function[t6 + 2];
    const unsigned long long t10 = ((((unsigned long long)table0_of_called_function[t6] << 32) | t8) >> t7) & 4294967295ull;
    const unsigned long long t11 = (((t9 << 32) | (unsigned long long)table0_of_called_function[t6 + 3]) >> t7) & 4294967295ull;
    const unsigned long long t12 = ((t2 * t10) << 32) + t2 * ((((t8 << 32) | t9) >> t7) & 4294967295ull) + ((t2 * t11) >> 32);
    const long long t13 = (long long)(t12 << 2);
    const float t14 = (float)(int)(t13 >> 40);
    const float t15 = (float)(int)((t13 >> 16) & 16777215) * 5.9604645e-08f;
    const float t16 = t14 + t15;
    const float t17 = t15 - (t16 - t14) + (float)(int)(t13 & 65535) * 9.094947e-13f;
    const float t18 = t16 + t17;
    const float t19 = t18 * 1.5707964f;
    const float t20 = fmaf(t18, 1.5707964f, -t19) + fmaf(t17 - (t18 - t16), 1.5707964f, t18 * -4.371139e-08f);
    const float t21 = t19 + t20;
    return {(int)(long long)((t12 + 2305843009213693952ull) >> 62),
            x == __builtin_inff() ? __builtin_nanf("") : t21 * 5.9604645e-08f,
            (t20 - (t21 - t19)) * 5.9604645e-08f};
}""",
    ),
    ("HIP", "payne_hanek_f64"): (
        """\
// Argument reduction (Payne and Hanek): x is (quadrant + 4*any)*pi/2 + rest + tail, also if it is huge.
struct result_of_called_function { long long quadrant; double rest; double tail; };
static __device__ const unsigned table0_of_called_function[40] = {0u, 0u, 2734261102u, 1313084713u, 4230436817u, 4113882560u, 3680671129u, 1011060801u, 4266746795u, 3736847713u, 3072618042u, 1112396512u, 105459434u, 164729372u, 4263373596u, 2972297022u, 3900847605u, 784024708u, 3919343654u, 3026157121u, 965858873u, 2203269620u, 2625920907u, 3187222587u, 536385535u, 3724908559u, 4012839307u, 1510632735u, 1832287951u, 667617719u, 1330003814u, 2657085997u, 1965537991u, 3957715323u, 1023883767u, 2320667370u, 1811636145u, 529358088u, 1443049542u, 4235946923u};
static __device__ result_of_called_function called_function(double x) {
#pragma clang fp contract(off)
    const long long t1 = __builtin_bit_cast(long long, x);
    const unsigned long long t2 = (unsigned long long)((t1 & 4503599627370495LL) | 4503599627370496LL);
    const int t3 = (int)(t1 >> 52) - 1013;
    const int t4 = t3 >> 5;
    const int t5 = t4 > 33 ? 33 : t4;
    const int t6 = t5 < 0 ? 0 : t5;
    const unsigned long long t7 = (unsigned long long)(unsigned)(32 - (t3 & 31)) & 63;
    const unsigned long long t8 = table0_of_called_function[t6 + 1];
    const unsigned long long t9 = table0_of_called_function[t6 + 2];
    const unsigned long long t10 = table0_of_called_function[t6 + 3];
    const unsigned long long t11 = table0_of_called_function[t6 + 4];
    const unsigned long long t12 = table0_of_called_function[t6 + 5];
    const unsigned long long t13 = ((((unsigned long long)table0_of_called_function[t6] << 32) | t8) >> t7) & 4294967295ull;
    const unsigned long long t14 = (((t12 << 32) | (unsigned long long)table0_of_called_function[t6 + 6]) >> t7) & 4294967295ull;
    const unsigned long long t15 = (((((t9 << 32) | t10) >> t7) & 4294967295ull) << 32) | ((((t10 << 32) | t11) >> t7) & 4294967295ull);
    const unsigned long long t16 = (((((t11 << 32) | t12) >> t7) & 4294967295ull) << 32) | t14;
    const unsigned long long t17 = t2 >> 32;
    const unsigned long long t18 = t2 & 4294967295ull;
    const unsigned long long t19 = t15 >> 32;
    const unsigned long long t20 = t15 & 4294967295ull;
    const unsigned long long t21 = t17 * t20;
    const unsigned long long t22 = t18 * t19;
    const unsigned long long t23 = t17 * t19 + (t21 >> 32) + (t22 >> 32) + ((((t18 * t20) >> 32) + (t21 & 4294967295ull) + (t22 & 4294967295ull)) >> 32);
    const unsigned long long t24 = t2 * t15;
    const unsigned long long t25 = t16 >> 32;
    const unsigned long long t26 = t16 & 4294967295ull;
    const unsigned long long t27 = t17 * t26;
    const unsigned long long t28 = t18 * t25;
    const unsigned long long t29 = t17 * t25 + (t27 >> 32) + (t28 >> 32) + ((((t18 * t26) >> 32) + (t27 & 4294967295ull) + (t28 & 4294967295ull)) >> 32);
    const unsigned long long t30 = t24 + t29;
    const unsigned long long t31 = t2 * ((t13 << 32) | ((((t8 << 32) | t9) >> t7) & 4294967295ull)) + t23 + (t30 < t24 ? 1ull : 0ull);
    const long long t32 = (long long)(t31 << 2) | (long long)(t30 >> 62);
    const unsigned long long t33 = t30 << 2;
    const double t34 = (double)(t32 >> 12);
    const double t35 = (double)((long long)(t33 >> 24) | ((t32 & 4095) << 40)) * 2.220446049250313e-16;
    const double t36 = t34 + t35;
    const double t37 = t35 - (t36 - t34) + (double)(long long)(t33 & 16777215) * 1.3234889800848443e-23;
    const double t38 = t36 + t37;
    const double t39 = t38 * 1.5707963267948966;
    const double t40 = fma(t38, 1.5707963267948966, -t39) + fma(t37 - (t38 - t36), 1.5707963267948966, t38 * 6.123233995736766e-17);
    const double t41 = t39 + t40;
    return {(long long)((t31 + 2305843009213693952ull) >> 62),
            x == __builtin_inf() ? __builtin_nan("") : t41 * 2.220446049250313e-16,
            (t40 - (t41 - t39)) * 2.220446049250313e-16};
}""",
    ),
    ("Metal", "payne_hanek_f32"): (
        """\
// Argument reduction (Payne and Hanek): x is (quadrant + 4*any)*pi/2 + rest + tail, also if it is huge.
struct result_of_called_function { int quadrant; float rest; float tail; };
constant uint table0_of_called_function[40] = {0u, 0u, 2734261102u, 1313084713u, 4230436817u, 4113882560u, 3680671129u, 1011060801u, 4266746795u, 3736847713u, 3072618042u, 1112396512u, 105459434u, 164729372u, 4263373596u, 2972297022u, 3900847605u, 784024708u, 3919343654u, 3026157121u, 965858873u, 2203269620u, 2625920907u, 3187222587u, 536385535u, 3724908559u, 4012839307u, 1510632735u, 1832287951u, 667617719u, 1330003814u, 2657085997u, 1965537991u, 3957715323u, 1023883767u, 2320667370u, 1811636145u, 529358088u, 1443049542u, 4235946923u};
static result_of_called_function called_function(float x) {
    const int t1 = as_type<int>(x);
    const ulong t2 = uint((t1 & 8388607) | 8388608);
    const int t3 = int(uint(t1 >> 23) - 88u);
    const int t4 = t3 >> 5;
    const int t5 = t4 > 36 ? 36 : t4;
    const int t6 = t5 < 0 ? 0 : t5;
    const ulong t7 = ulong(uint(int(32u - uint(t3 & 31)))) & 63;
    const ulong t8 = table0_of_called_function[int(uint(t6) + 1u)];
    const ulong t9 = table0_of_called_function[int(uint(t6) + 2u)];
    const ulong t10 = (((t9 << 32) | ulong(table0_of_called_function[int(uint(t6) + 3u)])) >> t7) & 4294967295ul;
    const ulong t11 = (t2 * ((((ulong(table0_of_called_function[t6]) << 32) | t8) >> t7) & 4294967295ul)) << 32;
    const ulong t12 = t11 + t2 * ((((t8 << 32) | t9) >> t7) & 4294967295ul) + ((t2 * t10) >> 32);
    const long t13 = long(t12 << 2);
    const float t14 = float(int(t13 >> 40));
    const float t15 = float(int((t13 >> 16) & 16777215)) * 5.9604645e-08f;
    const float t16 = t14 + t15;
    const float t17 = t15 - (t16 - t14) + float(int(t13 & 65535)) * 9.094947e-13f;
    const float t18 = t16 + t17;
    const float t19 = t18 * 1.5707964f;
    const float t20 = fma(t18, 1.5707964f, -t19) + fma(t17 - (t18 - t16), 1.5707964f, t18 * -4.371139e-08f);
    const float t21 = t19 + t20;
    return {int(long((t12 + 2305843009213693952ul) >> 62)),
            x == INFINITY ? NAN : t21 * 5.9604645e-08f,
            (t20 - (t21 - t19)) * 5.9604645e-08f};
}""",
    ),
}
