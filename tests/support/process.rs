//! Looks into another process: all its memory and the registers of every thread. "Could not look" panics: it is
//! never a pass.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "whether a helper is dead depends on the test binary")]
#![allow(unsafe_code, reason = "ptrace has no safe wrapper among the test's dependencies")]

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};

use danmal::vault::scan::{Form, Hit, OVERLAP, Scanner};

/// A secret found somewhere.
#[derive(Debug)]
pub struct Found {
    pub place: String,
    pub form: String,
    /// Where in that place, and the distance of the digits, of a run of digits.
    pub run: Option<(usize, usize)>,
    /// What stands around it, for the person who has to find the leak.
    pub around: String,
}

/// The eight digits that were taken for a secret's.
fn matched(bytes: &[u8], hit: Hit) -> String {
    let Form::Every(stride) = hit.form else { return String::new() };
    let bytes: Vec<String> = (0..8).map(|k| format!("{:02x}", bytes[hit.at + k * stride])).collect();
    bytes.join(" ")
}

fn around(bytes: &[u8], at: usize) -> String {
    let from = at.saturating_sub(64);
    let part = &bytes[from..(at + 96).min(bytes.len())];
    part.iter()
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
        .collect()
}

/// A search for decimal secrets, in every form.
pub fn scanner<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Scanner {
    let mut scanner = Scanner::new();
    for secret in secrets {
        let digit = |k: usize| secret.as_bytes()[k] - b'0';
        let len = secret.len();
        scanner.add(len, digit);
        scanner.add_base64(len, digit);
        scanner.add(len, |k| digit(len - 1 - k));
    }
    scanner
}

/// The hexadecimal spelling of its text, the whole as a number in memory, and two digits a byte.
fn binary_forms(secret: &str) -> Vec<Vec<u8>> {
    let number: u64 = secret.parse().unwrap();
    let bcd: Vec<u8> = secret
        .as_bytes()
        .chunks(2)
        .map(|pair| (pair[0] - b'0') << 4 | pair.get(1).map_or(0, |digit| digit - b'0'))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "the form a careless program would keep")]
    let float = (number as f64).to_le_bytes().to_vec();
    let hex: Vec<String> = secret.bytes().take(8).map(|byte| format!("{byte:02x}")).collect();
    vec![hex.concat().into_bytes(), number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec(), float, bcd]
}

fn look(place: &str, bytes: &[u8], scanner: &Scanner, secrets: &[String], found: &mut Vec<Found>) {
    for hit in scanner.scan(bytes) {
        let place = place.to_owned();
        found.push(Found {
            place,
            form: format!("{:?} {}", hit.form, matched(bytes, hit)),
            run: match hit.form {
                Form::Every(stride) => Some((hit.at, stride)),
                _ => None,
            },
            around: around(bytes, hit.at),
        });
    }
    for form in secrets.iter().filter(|secret| secret.len() >= 10).flat_map(|secret| binary_forms(secret)) {
        let at = bytes.windows(form.len()).position(|window| window == form);
        if let Some(at) = at {
            found.push(Found {
                place: place.to_owned(),
                form: "binary".to_owned(),
                run: None,
                around: around(bytes, at),
            });
        }
    }
}

/// Every place in a stopped process that holds part of a secret.
pub fn search(pid: u32, secrets: &[String]) -> Vec<Found> {
    let scanner = scanner(secrets.iter().map(String::as_str));
    let mut found = Vec::new();
    stop(pid);
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("can't look: no memory map");
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).expect("can't look: memory is closed to us");
    let mut looked = 0;
    for map in maps.lines() {
        let mut words = map.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let name = words.nth(3).unwrap_or("anonymous");
        // What can't be written holds nothing that was typed; vvar is the kernel's.
        if !rights.starts_with("rw") || name.starts_with("[vvar") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let (start, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        memory.seek(SeekFrom::Start(start)).unwrap();
        memory.read_exact(&mut bytes).unwrap_or_else(|error| panic!("can't look into {map}: {error}"));
        looked += bytes.len();
        for (index, chunk) in overlapping(&bytes).enumerate() {
            look(&format!("{name} {start:x}+{index}"), chunk, &scanner, secrets, &mut found);
        }
    }
    assert!(looked > 100_000, "can't look: only {looked} bytes of writable memory");
    #[cfg(target_arch = "x86_64")]
    for (thread, registers) in registers(pid) {
        look(&format!("registers of thread {thread}"), &registers, &scanner, secrets, &mut found);
    }
    #[cfg(not(target_arch = "x86_64"))]
    eprintln!("NOT CHECKED: registers, which are read on x86_64 only");
    go_on(pid);
    found
}

fn overlapping(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const CHUNK: usize = 1 << 20;
    (0..bytes.len()).step_by(CHUNK).map(|at| &bytes[at..(at + CHUNK + OVERLAP).min(bytes.len())])
}

/// Of runs of digits, those of at least ten: three finds of eight beside each other. Where many secrets are
/// searched in memory full of ids and times, eight digits in a row agree by accident.
pub fn ten_or_more(found: Vec<Found>) -> Vec<Found> {
    let runs: std::collections::BTreeSet<(String, usize, usize)> = found
        .iter()
        .filter_map(|found| found.run.map(|(at, stride)| (found.place.clone(), stride, at)))
        .collect();
    let beside = |found: &Found| {
        found.run.is_none_or(|(at, stride)| {
            let there =
                |at: Option<usize>| at.is_some_and(|at| runs.contains(&(found.place.clone(), stride, at)));
            let (before, after) = (at.checked_sub(stride), at.checked_add(stride));
            let (first, last) = (at.checked_sub(2 * stride), at.checked_add(2 * stride));
            (there(before) && there(after))
                || (there(before) && there(first))
                || (there(after) && there(last))
        })
    };
    let keep: Vec<bool> = found.iter().map(beside).collect();
    found.into_iter().zip(keep).filter_map(|(found, keep)| keep.then_some(found)).collect()
}

/// Every place in files that holds part of a secret.
pub fn search_bytes(place: &str, bytes: &[u8], secrets: &[String]) -> Vec<Found> {
    let scanner = scanner(secrets.iter().map(String::as_str));
    let mut found = Vec::new();
    look(place, bytes, &scanner, secrets, &mut found);
    found
}

/// Whether a byte pattern stands anywhere in the writable memory of a process.
pub fn holds(pid: u32, pattern: &[u8]) -> bool {
    stop(pid);
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("can't look: no memory map");
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).expect("can't look: memory is closed to us");
    let mut holds = false;
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let (start, end) = map.split_once(' ').unwrap().0.split_once('-').unwrap();
        let (start, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        memory.seek(SeekFrom::Start(start)).unwrap();
        memory.read_exact(&mut bytes).expect("can't look");
        holds |= bytes.windows(pattern.len()).any(|window| window == pattern);
    }
    go_on(pid);
    holds
}

fn pid_t(pid: u32) -> libc::pid_t {
    libc::pid_t::try_from(pid).unwrap()
}

/// Stops a process; when this comes back, every thread stands still.
pub fn stop(pid: u32) {
    // SAFETY: a plain system call.
    assert_eq!(unsafe { libc::kill(pid_t(pid), libc::SIGSTOP) }, 0);
    wait_still(pid);
}

/// Waits until every thread of a process stands still.
pub fn wait_still(pid: u32) {
    // Until every thread stands still: T (stopped) in its state line.
    for _ in 0..2_000 {
        let stopped = threads(pid).iter().all(|thread| {
            let stat = fs::read_to_string(format!("/proc/{pid}/task/{thread}/stat")).unwrap_or_default();
            stat.rsplit_once(')')
                .is_none_or(|(_, rest)| matches!(rest.trim_start().chars().next(), Some('T' | 't' | 'Z')))
        });
        if stopped {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("can't look: the process does not stand still");
}

/// Lets a stopped process go on.
pub fn go_on(pid: u32) {
    // SAFETY: a plain system call.
    assert_eq!(unsafe { libc::kill(pid_t(pid), libc::SIGCONT) }, 0);
}

fn threads(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("can't look: no threads");
    tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// General and vector registers of every thread.
#[cfg(target_arch = "x86_64")]
fn registers(pid: u32) -> Vec<(u32, Vec<u8>)> {
    const NT_X86_XSTATE: usize = 0x202;
    let mut all = Vec::new();
    for thread in threads(pid) {
        let tid = pid_t(thread);
        let mut kept = Vec::new();
        // SAFETY: attaching to a thread of our own child; it is detached below.
        let seized = unsafe { libc::ptrace(libc::PTRACE_SEIZE, tid, 0, 0) };
        assert_eq!(
            seized,
            0,
            "can't look: thread {thread} can't be traced: {}",
            std::io::Error::last_os_error()
        );
        // SAFETY: as above.
        unsafe {
            libc::ptrace(libc::PTRACE_INTERRUPT, tid, 0, 0);
            libc::waitpid(tid, std::ptr::null_mut(), libc::__WALL);
        }
        for set in [usize::try_from(libc::NT_PRSTATUS).unwrap(), NT_X86_XSTATE] {
            let mut bytes = vec![0u8; 16 * 1024];
            let mut area = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
            // SAFETY: the kernel writes at most `iov_len` bytes and tells how many.
            let got = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, tid, set, &raw mut area) };
            assert_eq!(got, 0, "can't look: registers of thread {thread}");
            kept.extend_from_slice(&bytes[..area.iov_len]);
        }
        // SAFETY: ends what PTRACE_SEIZE began.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, tid, 0, 0) };
        all.push((thread, kept));
    }
    all
}
