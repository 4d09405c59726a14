//! What kind of recording some bytes are, told from their first bytes and never from what a caller says of them.
//!
//! Caller: the hub, before a recording is kept. The signatures are those of the formats' own specifications.

/// A format recordings come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFormat {
    /// MPEG audio layer III, with or without an ID3 tag in front.
    Mp3,
    /// RIFF WAVE.
    Wav,
    /// Ogg, with Vorbis or Opus in it.
    Ogg,
    /// ISO base media: MPEG-4 audio.
    Mp4,
    /// Matroska or its subset `WebM`.
    Webm,
    /// FLAC.
    Flac,
    /// AMR, narrow or wide band.
    Amr,
    /// AAC in ADTS frames.
    Aac,
}

/// Names callers use for each format, the first one being its own.
const NAMES: [(AudioFormat, &[&str]); 8] = [
    (AudioFormat::Mp3, &["mp3", "mpeg", "mpga"]),
    (AudioFormat::Wav, &["wav", "wave", "x-wav"]),
    (AudioFormat::Ogg, &["ogg", "oga", "opus"]),
    (AudioFormat::Mp4, &["m4a", "mp4"]),
    (AudioFormat::Webm, &["webm"]),
    (AudioFormat::Flac, &["flac"]),
    (AudioFormat::Amr, &["amr"]),
    (AudioFormat::Aac, &["aac"]),
];

impl AudioFormat {
    /// The format of that name (`mp3`, `audio/mpeg`, `audio/ogg; codecs=opus`), whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.split(';').next().unwrap_or_default().trim();
        let name = name.strip_prefix("audio/").unwrap_or(name);
        NAMES
            .iter()
            .find(|(_, names)| names.contains(&name))
            .map(|(format, _)| *format)
    }

    /// The format these bytes are in; `None` when they are no recording.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'I', b'D', b'3', _, _, _, _, _, _, _, ..] => Some(Self::Mp3),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Self::Wav),
            [b'O', b'g', b'g', b'S', 0, ..] => Some(Self::Ogg),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            [0x1A, 0x45, 0xDF, 0xA3, ..] => Some(Self::Webm),
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            [b'#', b'!', b'A', b'M', b'R', b'\n' | b'-', ..] => Some(Self::Amr),
            [0xFF, second, third, ..] => of_frame(*second, *third),
            _ => None,
        }
    }

    /// Its own name, which is also the ending of its files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Ogg => "ogg",
            Self::Mp4 => "m4a",
            Self::Webm => "webm",
            Self::Flac => "flac",
            Self::Amr => "amr",
            Self::Aac => "aac",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Ogg => "audio/ogg",
            Self::Mp4 => "audio/mp4",
            Self::Webm => "audio/webm",
            Self::Flac => "audio/flac",
            Self::Amr => "audio/amr",
            Self::Aac => "audio/aac",
        }
    }
}

/// A frame header without a container: 11 bits of sync, then version, layer, and for MPEG audio a bit rate and a
/// sample rate that exist (ISO/IEC 11172-3, 2.4.2.3; ADTS: ISO/IEC 13818-7, 6.2).
const fn of_frame(second: u8, third: u8) -> Option<AudioFormat> {
    let is_sync = second & 0xE0 == 0xE0;
    let layer = (second >> 1) & 0b11;
    let is_adts = second & 0xF6 == 0xF0;
    let rates_exist = third >> 4 != 0b1111 && (third >> 2) & 0b11 != 0b11;
    match layer {
        0 if is_adts => Some(AudioFormat::Aac),
        1..=3 if is_sync && rates_exist => Some(AudioFormat::Mp3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_tell_the_format() {
        let samples: [(&[u8], AudioFormat); 9] = [
            (b"ID3\x04\0\0\0\0\0\0", AudioFormat::Mp3),
            (&[0xFF, 0xFB, 0x90, 0x00], AudioFormat::Mp3),
            (b"RIFF\x24\0\0\0WAVEfmt ", AudioFormat::Wav),
            (b"OggS\0\x02", AudioFormat::Ogg),
            (b"\0\0\0\x20ftypM4A ", AudioFormat::Mp4),
            (&[0x1A, 0x45, 0xDF, 0xA3, 0x01], AudioFormat::Webm),
            (b"fLaC\0", AudioFormat::Flac),
            (b"#!AMR\n", AudioFormat::Amr),
            (&[0xFF, 0xF1, 0x50, 0x80], AudioFormat::Aac),
        ];
        for (bytes, format) in samples {
            assert_eq!(AudioFormat::of(bytes), Some(format), "{bytes:?}");
            assert_eq!(AudioFormat::from_name(format.media_type()), Some(format));
            assert_eq!(AudioFormat::from_name(format.as_str()), Some(format));
        }
    }

    #[test]
    fn what_is_no_recording_has_no_format() {
        let samples: [&[u8]; 7] = [
            b"",
            b"ID3",
            b"hello, this is text",
            b"RIFF\x24\0\0\0AVI LIST",
            b"%PDF-1.7",
            &[0xFF, 0xFF, 0xFF],
            &[0x89, b'P', b'N', b'G', 13, 10, 26, 10],
        ];
        for bytes in samples {
            assert_eq!(AudioFormat::of(bytes), None, "{bytes:?}");
        }
        assert_eq!(AudioFormat::from_name("pdf"), None);
    }
}
