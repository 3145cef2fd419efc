//! How much stack may a text need? The parser and the reader of its tree go down with its
//! nesting, and neither can be stopped on the way.

use std::cell::Cell;
use std::thread;

/// Less than what is left of the smallest stack that this runs on, 2 MiB of a worker.
const AT_HAND: usize = 1 << 20;

thread_local! {
    /// What a text may need of this thread's stack.
    static OF_THREAD: Cell<usize> = const { Cell::new(AT_HAND) };
}

/// Declares that this thread was started with a stack of `bytes`: a thread for each text costs
/// as much as reading it.
pub fn runs_on_stack_of(bytes: usize) {
    OF_THREAD.set(bytes.saturating_sub(AT_HAND).max(AT_HAND));
}

/// Texts that may need more are not read.
const STACK_LIMIT: usize = 512 << 20;

/// Bytes of stack for each byte of the text that may open a level. Measured with oxc 0.146 on
/// texts of one form each, 40,000 levels: at most 2,335 for a bracket (`class A{a=`), 1,534 for
/// `<`, 583 for what else separates words (`a?b:`); less than four times as much without
/// optimization.
const OF_BRACKET: usize = 2_500;
const OF_ANGLE: usize = 1_700;
const OF_OTHER: usize = 650;
const UNOPTIMIZED: usize = if cfg!(debug_assertions) { 4 } else { 1 };

/// Runs `read` on a stack that is large enough for whatever `text` holds; `None` where none is
/// that large. What a text needs is guessed from its bytes alone: whoever looks for strings
/// and comments first can be deceived by a regular expression.
pub fn on_large_stack<T: Send>(text: &str, read: impl FnOnce() -> T + Send) -> Option<T> {
    let needed = AT_HAND / 4 + text.bytes().map(|byte| OF_BYTE[usize::from(byte)]).sum::<usize>();
    if needed <= OF_THREAD.get() {
        return Some(read());
    }
    if needed > STACK_LIMIT {
        return None;
    }
    thread::scope(|scope| {
        // Only pages that are touched cost memory.
        let thread = thread::Builder::new().stack_size(needed).spawn_scoped(scope, read).ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            // The caller's guard makes it a problem of this file.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// What each byte may cost.
const OF_BYTE: [usize; 256] = {
    let mut all = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        all[byte] = match byte as u8 {
            b'(' | b'[' | b'{' => OF_BRACKET * UNOPTIMIZED,
            b'<' => OF_ANGLE * UNOPTIMIZED,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | b'.' | b',' | b';' | b'\'' | b'"' | b'\r' => 0,
            b')' | b']' | b'}' => 0,
            _ => OF_OTHER * UNOPTIMIZED,
        };
        byte += 1;
    }
    all
};
