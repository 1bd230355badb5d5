//! Runs contenders by turns, so that whatever slows the machine slows them alike.
//!
//! The benchmarks of every crate use it: a ratio within one run says more than two times from two
//! runs. Printed are the median time, the median ratio of the turns of one round with the two
//! quartiles around it, and the ratio of the quiet turns.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one turn takes at least; shorter work is repeated within it.
const TURN: Duration = Duration::from_millis(1);

/// Turns that nothing else on the machine has slowed: the fastest tenth.
const QUIET: f64 = 0.1;

/// Whether this is `cargo bench`; `cargo test --all-targets` runs benchmarks too, without a word.
#[must_use]
pub fn is_wanted() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Several ways to do a thing; the first is what the others are compared with.
pub struct Race<'a> {
    title: &'static str,
    contenders: Vec<Contender<'a>>,
}

struct Contender<'a> {
    place: usize,
    name: &'static str,
    work: Box<dyn FnMut() + 'a>,
    repeats: u32,
    /// Seconds for one piece of work, a turn each.
    times: Vec<f64>,
}

impl fmt::Debug for Race<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Race").field(&self.title).finish()
    }
}

impl<'a> Race<'a> {
    /// Without contenders.
    #[must_use]
    pub fn new(title: &'static str) -> Self {
        let contenders = Vec::new();
        Self { title, contenders }
    }

    /// Adds a contender, which does this.
    #[must_use]
    pub fn with<T>(mut self, name: &'static str, mut work: impl FnMut() -> T + 'a) -> Self {
        self.contenders.push(Contender {
            place: self.contenders.len(),
            name,
            work: Box::new(move || {
                black_box(work());
            }),
            repeats: 1,
            times: Vec::new(),
        });
        self
    }

    /// Lets all have their turns, in another order each round, and prints what came of it.
    pub fn run(mut self, rounds: usize) {
        for contender in &mut self.contenders {
            contender.warm_up();
        }
        let mut order = Shuffle(0x9e37_79b9_7f4a_7c15);
        for _ in 0..rounds {
            order.shuffle(&mut self.contenders);
            for contender in &mut self.contenders {
                let time = contender.turn();
                contender.times.push(time);
            }
        }
        self.print();
    }

    fn print(&self) {
        println!("{}", self.title);
        let mut contenders: Vec<_> = self.contenders.iter().collect();
        contenders.sort_by_key(|contender| contender.place);
        let Some(first) = contenders.first() else {
            return;
        };
        for contender in &contenders {
            let time = quantile(&contender.times, 0.5);
            print!("  {:<44}{:>12}", contender.name, shown(time));
            if contender.place > 0 {
                let turns = contender.times.iter().zip(&first.times);
                let ratios: Vec<f64> = turns.map(|(time, first)| time / first).collect();
                let [low, middle, high] = [0.25, 0.5, 0.75].map(|at| quantile(&ratios, at));
                let quiet = quantile(&contender.times, QUIET) / quantile(&first.times, QUIET);
                print!("   x {middle:.3} ({low:.3} to {high:.3}), quiet turns x {quiet:.3}");
            }
            println!();
        }
    }
}

impl Contender<'_> {
    /// Finds out how often the work fits into a turn.
    fn warm_up(&mut self) {
        self.turn();
        while self.turn() * f64::from(self.repeats) < TURN.as_secs_f64() {
            self.repeats *= 2;
        }
    }

    /// Seconds for one piece of work.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn turn(&mut self) -> f64 {
        let start = Instant::now();
        for _ in 0..self.repeats {
            (self.work)();
        }
        start.elapsed().as_secs_f64() / f64::from(self.repeats)
    }
}

/// Does a thing a single time, and prints how long it took.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn once<T>(name: &str, work: impl FnOnce() -> T) {
    let start = Instant::now();
    black_box(work());
    println!("{name:<46}{:>12}", shown(start.elapsed().as_secs_f64()));
}

fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list of some hundred"
    )]
    let place = (at * (sorted.len() as f64 - 1.0)).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

fn shown(seconds: f64) -> String {
    if seconds < 1e-6 {
        format!("{:.0} ns", seconds * 1e9)
    } else if seconds < 1e-3 {
        format!("{:.2} us", seconds * 1e6)
    } else {
        format!("{:.3} ms", seconds * 1e3)
    }
}

/// A small generator (xorshift): the order has to vary, not to surprise.
struct Shuffle(u64);

impl Shuffle {
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            let other = self.0 % (at as u64 + 1);
            items.swap(at, usize::try_from(other).unwrap_or(at));
        }
    }
}
