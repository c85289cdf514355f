fn main() {
    for file in std::env::args().skip(1) {
        let core = std::fs::read(&file).unwrap();
        let out = wit_component::ComponentEncoder::default().validate(true).module(&core).unwrap().encode().unwrap();
        std::fs::write(file.replace("core-", "component-"), out).unwrap();
    }
}
