//! A program that launches kdsl kernels: results, threads of its own, and what an error looks like.

mod demo;

use demo::{View, ViewMut};

fn expect(right: bool, what: &str) -> bool {
    println!("{what}: {}", if right { "right" } else { "WRONG" });
    right
}

fn saxpy() -> bool {
    let n = 1 << 20;
    let x: Vec<f32> = (0..n).map(|i| (i % 1000) as f32).collect();
    let mut y = vec![1.0; n];
    demo::saxpy(2.0, &View::new(&x, [n]), &mut ViewMut::new(&mut y, [n]), 256).unwrap();
    expect(x.iter().zip(&y).all(|(x, y)| *y == 2.0 * x + 1.0), "saxpy")
}

fn blur() -> bool {
    let (height, width) = (300, 200);
    let image: Vec<f32> = (0..height * width).map(|i| (i % 1000) as f32).collect();
    let mut out = vec![0.0; height * width];
    demo::blur(&View::new(&image, [height, width]), &mut ViewMut::new(&mut out, [height, width])).unwrap();
    let total: f32 = (9..12).flat_map(|y| (19..22).map(move |x| (y, x))).map(|(y, x)| image[y * width + x]).sum();
    expect((out[10 * width + 20] - total / 9.0).abs() < 1e-3, "blur")
}

fn sums_from_several_threads() -> bool {
    let x: Vec<f32> = (0..64 * 100).map(|i| (i % 1000) as f32).collect();
    let wanted: Vec<f32> = x.chunks(64).map(|c| c.iter().sum()).collect();
    let right = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut out = vec![0.0; 100];
                    demo::block_sums(&View::new(&x, [x.len()]), &mut ViewMut::new(&mut out, [100])).map(|()| out)
                })
            })
            .collect();
        threads.into_iter().all(|t| t.join().unwrap().as_ref() == Ok(&wanted))
    });
    expect(right, "block_sums from several threads")
}

fn errors() -> bool {
    let (x, mut y) = ([0.0; 8], [0.0; 8]);
    let mut refused = |block| {
        let error = demo::saxpy(1.0, &View::new(&x, [8]), &mut ViewMut::new(&mut y, [8]), block).unwrap_err();
        error.argument() == 0 && error.to_string().contains("block")
    };
    expect(refused(2000) && refused(0), "blocks that cannot be")
}

fn main() {
    let right = [saxpy(), blur(), sums_from_several_threads(), errors()];
    std::process::exit(if right.iter().all(|r| *r) { 0 } else { 1 });
}
