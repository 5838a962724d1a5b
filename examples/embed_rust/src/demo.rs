//! The kernels of the library `demo`, for safe Rust.
//!
//! One idea: what the library checks (geometry, alignment, overlap) it reports; what it cannot check is in the types. A shared view
//! cannot be written, a mutable one is the only one of its memory, and no view is longer than the slice that it is made of.

use std::{ffi::CStr, fmt, marker::PhantomData};

/// The declarations of `demo.h`.
mod c {
    use std::os::raw::c_char;

    #[repr(C)]
    pub struct Array {
        pub data: *mut f32,
        pub shape: *const i64,
        pub strides: *const i64,
    }

    #[repr(C)]
    pub struct Launch {
        pub grid: [i64; 3],
        pub block: [i64; 3],
        pub threads: [i64; 3],
    }

    extern "C" {
        pub fn demo_saxpy(launch: *const Launch, a: f32, x: *const Array, y: *const Array) -> i32;
        pub fn demo_blur(launch: *const Launch, image: *const Array, out: *const Array) -> i32;
        pub fn demo_block_sums(launch: *const Launch, x: *const Array, out: *const Array) -> i32;
        pub fn demo_error_text(error: i32) -> *const c_char;
    }
}

/// Why the library refused a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error {
    code: i32,
}

impl Error {
    /// The number of the argument that is wrong, from 1; 0 where it is none of them.
    pub fn argument(self) -> i32 {
        self.code >> 8
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The library's texts are constants of its own.
        let text = unsafe { CStr::from_ptr(c::demo_error_text(self.code)) };
        write!(f, "argument {}: {}", self.argument(), text.to_string_lossy())
    }
}

impl std::error::Error for Error {}

fn done(code: i32) -> Result<(), Error> {
    if code == 0 {
        Ok(())
    } else {
        Err(Error { code })
    }
}

/// Numbers of a slice, seen as an array of `N` axes, the last one fastest.
pub struct View<'a, const N: usize> {
    data: *mut f32,
    shape: [i64; N],
    of: PhantomData<&'a [f32]>,
}

/// The same, to be written.
pub struct ViewMut<'a, const N: usize>(View<'a, N>, PhantomData<&'a mut [f32]>);

fn extents<const N: usize>(length: usize, shape: [usize; N]) -> [i64; N] {
    let elements = shape.iter().try_fold(1usize, |n, &e| n.checked_mul(e));
    assert_eq!(elements, Some(length), "a slice of {length} elements is no array of {shape:?}");
    shape.map(|e| e as i64)
}

impl<'a, const N: usize> View<'a, N> {
    /// Panics where the shape has not as many elements as the slice.
    pub fn new(slice: &'a [f32], shape: [usize; N]) -> Self {
        let shape = extents(slice.len(), shape);
        View { data: slice.as_ptr() as *mut f32, shape, of: PhantomData }
    }

    fn c(&self) -> c::Array {
        c::Array { data: self.data, shape: self.shape.as_ptr(), strides: std::ptr::null() }
    }
}

impl<'a, const N: usize> ViewMut<'a, N> {
    /// Panics where the shape has not as many elements as the slice.
    pub fn new(slice: &'a mut [f32], shape: [usize; N]) -> Self {
        let shape = extents(slice.len(), shape);
        ViewMut(View { data: slice.as_mut_ptr(), shape, of: PhantomData }, PhantomData)
    }
}

/// Exactly so many threads; code guards the last blocks.
fn over(threads: [usize; 3], block: [usize; 3]) -> c::Launch {
    // A block of no threads is for the library to refuse.
    let grid = [0, 1, 2].map(|k| threads[k].div_ceil(block[k].max(1)) as i64);
    c::Launch { grid, block: block.map(|n| n as i64), threads: threads.map(|n| n as i64) }
}

/// y += a * x, over all of y, in blocks of so many threads (1 to 1024). Panics where x and y differ in length.
pub fn saxpy(a: f32, x: &View<1>, y: &mut ViewMut<1>, block: usize) -> Result<(), Error> {
    assert_eq!(x.shape, y.0.shape, "x and y differ in length");
    let launch = over([y.0.shape[0] as usize, 1, 1], [block, 1, 1]);
    // The kernel stays within y's extent, which is x's too.
    done(unsafe { c::demo_saxpy(&launch, a, &x.c(), &y.0.c()) })
}

/// The mean of each pixel and its eight neighbours. Panics where image and out differ in shape.
pub fn blur(image: &View<2>, out: &mut ViewMut<2>) -> Result<(), Error> {
    assert_eq!(image.shape, out.0.shape, "image and out differ in shape");
    let [height, width] = image.shape.map(|e| e as usize);
    // Axis 0 of a launch is the last of an array.
    let launch = over([width, height, 1], [32, 8, 1]);
    // The kernel stays within the image's extents, which are out's too.
    done(unsafe { c::demo_blur(&launch, &image.c(), &out.0.c()) })
}

/// The sum of each 64 numbers. Panics where x has not 64 times as many elements as out.
pub fn block_sums(x: &View<1>, out: &mut ViewMut<1>) -> Result<(), Error> {
    assert_eq!(x.shape[0], 64 * out.0.shape[0], "x is not 64 times as long as out");
    let blocks = out.0.shape[0] as usize;
    let launch = over([64 * blocks, 1, 1], [64, 1, 1]);
    // A block reads its own 64 numbers and writes one.
    done(unsafe { c::demo_block_sums(&launch, &x.c(), &out.0.c()) })
}
