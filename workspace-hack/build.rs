//! Does nothing, but without a build script cargo passes over the build dependencies.

fn main() {}
