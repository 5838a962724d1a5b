//! Links the static library for the machine that is built for, from DEMO_PREFIX or the folder `demo` beside this file.
use std::{env, path::PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=DEMO_PREFIX");
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let prefix = env::var("DEMO_PREFIX").map(PathBuf::from).unwrap_or_else(|_| here.join("demo"));
    let library = prefix.join("lib").join(env::var("CARGO_CFG_TARGET_ARCH").unwrap());
    if !library.join("libdemo.a").exists() {
        panic!("{} holds no libdemo.a: build it with `kdsl build --library demo --prefix demo`, see Cargo.toml", library.display());
    }
    println!("cargo:rerun-if-changed={}", library.join("libdemo.a").display());
    println!("cargo:rustc-link-search=native={}", library.display());
    println!("cargo:rustc-link-lib=static=demo");
}
