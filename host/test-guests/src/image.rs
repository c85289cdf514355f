//! A guest's memory, laid out by hand as the canonical ABI wants it.

/// Where the image begins: above what a guest may think of as null.
const BASE: u32 = 1_024;

/// Bytes at the bottom of a guest's memory.
pub(crate) struct Image {
    bytes: Vec<u8>,
}

impl Image {
    pub(crate) fn new() -> Image {
        Image { bytes: Vec::new() }
    }

    /// Puts words at the next multiple of eight and says where.
    pub(crate) fn words(&mut self, words: &[u32]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let place = self.next();
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        place
    }

    /// Puts bytes: a text as it is lowered, its place and its length.
    pub(crate) fn text(&mut self, text: &[u8]) -> [u32; 2] {
        let place = self.next();
        self.bytes.extend(text);
        [place, text.len() as u32]
    }

    /// A list of indices: its place and its length.
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
