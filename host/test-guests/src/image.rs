//! The memory of a guest, laid out by hand as the canonical ABI requires.

/// The address where the image begins: above addresses that a guest may take for null.
const BASE: u32 = 1_024;

/// The bytes at the bottom of a guest's memory.
pub(crate) struct Image {
    bytes: Vec<u8>,
}

impl Image {
    pub(crate) fn new() -> Image {
        Image { bytes: Vec::new() }
    }

    /// Appends words at the next multiple of eight; returns their address.
    pub(crate) fn words(&mut self, words: &[u32]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let place = self.next();
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        place
    }

    /// Appends the bytes of a text; returns its address and length, which is the lowered form of a text.
    pub(crate) fn text(&mut self, text: &[u8]) -> [u32; 2] {
        let place = self.next();
        self.bytes.extend(text);
        [place, text.len() as u32]
    }

    /// Appends a list of indices; returns its address and length.
    pub(crate) fn indices(&mut self, indices: &[u32]) -> [u32; 2] {
        [self.words(indices), indices.len() as u32]
    }

    /// The memory of a module, in text.
    pub(crate) fn memory(&self) -> String {
        let data: String = self.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let pages = self.next().div_ceil(65_536);
        format!("(memory (export \"memory\") {pages})\n(data (i32.const {BASE}) \"{data}\")")
    }

    fn next(&self) -> u32 {
        BASE + self.bytes.len() as u32
    }
}
