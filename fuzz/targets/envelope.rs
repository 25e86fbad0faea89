#![no_main]

use libfuzzer_sys::Corpus;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| -> Corpus {
    match session_fuzz::envelope::run(bytes) {
        true => Corpus::Keep,
        false => Corpus::Reject,
    }
});
