use std::time::Instant;
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let engine = albatross_engine::Engine::new(Default::default()).unwrap();
    for trust in [albatross_engine::Trust::BuiltIn, albatross_engine::Trust::Custom] {
        let t = Instant::now();
        let p = albatross_engine::Planner::load(&engine, "p", &bytes, trust);
        println!("{file} {} bytes {trust:?} {:?} {}", bytes.len(), t.elapsed(), p.is_ok());
    }
}
