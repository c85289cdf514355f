use std::time::Instant;
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    for (name, level) in [("speed", wasmtime::OptLevel::Speed), ("none", wasmtime::OptLevel::None)] {
        for nan in [true, false] {
        let mut c = wasmtime::Config::new();
        c.cranelift_opt_level(level).epoch_interruption(true).cranelift_nan_canonicalization(nan);
        let e = wasmtime::Engine::new(&c).unwrap();
        let t = Instant::now();
        let p = wasmtime::component::Component::from_binary(&e, &bytes).unwrap();
        let el = t.elapsed();
        println!("{file} {name} nan {nan} {el:?} image {}", p.serialize().unwrap().len());
        }
    }
}
