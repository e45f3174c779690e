//! Bytes to text: the encodings that Korean Excel and its like write. May not: guess beyond them.

use encoding_rs::{EUC_KR, UTF_16BE, UTF_16LE};

use super::FileError;

/// How a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with or without its mark.
    Utf8,
    /// CP949, the Windows form of EUC-KR.
    Cp949,
    /// UTF-16 with its mark: Excel's "Unicode text".
    Utf16,
}

impl Encoding {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Cp949 => "CP949",
            Self::Utf16 => "UTF-16",
        }
    }
}

/// The beginnings of a zip (xlsx) and of an old workbook (xls).
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// The text of a file, without its mark.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), FileError> {
    if WORKBOOKS.iter().any(|start| bytes.starts_with(start)) {
        return Err(FileError::Workbook);
    }
    let (encoding, name) = match bytes {
        [0xff, 0xfe, ..] => (UTF_16LE, Encoding::Utf16),
        [0xfe, 0xff, ..] => (UTF_16BE, Encoding::Utf16),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => {
                return Ok((text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(), Encoding::Utf8));
            }
            Err(_) => (EUC_KR, Encoding::Cp949),
        },
    };
    let (text, broken) = encoding.decode_with_bom_removal(bytes);
    if broken { Err(FileError::Encoding) } else { Ok((text.into_owned(), name)) }
}
