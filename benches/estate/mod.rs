//! An invented estate of any size, the same for the same number and seed, as (path, text).
//!
//! For benchmarks and tests; include it with `#[path]`. Knows nothing of archlint: it writes
//! what people write. Some ten files for each service in six ecosystems, half of them
//! deployed from the service's folder and half from one common folder, with domains that
//! share a database server, chains of calls, a few charts, and a broken file here and there.

mod code;
mod deploy;

/// How many services stand in one domain: a folder with one compose file and one server.
const DOMAIN: usize = 25;

/// A text file of the estate: path relative to its root, with `/`.
pub type GeneratedFile = (String, String);

/// What a service is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Node,
    Go,
    Java,
    Python,
    Rust,
    Dotnet,
}

const LANGUAGES: [Language; 6] =
    [Language::Node, Language::Go, Language::Java, Language::Python, Language::Rust, Language::Dotnet];

/// One service of the plan that all its files are written from.
pub struct Service {
    pub number: usize,
    /// `parcel-desk`
    pub name: String,
    pub domain: String,
    pub language: Language,
    /// Numbers of the services that it calls: smaller than its own, so that there are no
    /// cycles, apart from one pair in a hundred services.
    pub calls: Vec<usize>,
    /// `parcel_desk`; now and then that of a neighbor.
    pub database: String,
    pub password: String,
    /// Name of the domain's database server.
    pub store: String,
}

/// Small and good enough: xorshift64* (Vigna, 2016).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

const THINGS: &[&str] = &[
    "parcel", "ticket", "invoice", "harbor", "lantern", "meadow", "pebble", "ledger", "quarry", "saddle", "timber",
    "velvet", "walnut", "anchor", "basket", "candle", "dapple", "ember", "fennel", "garnet", "hollow", "island",
    "juniper", "kettle", "linen", "marble", "nettle", "orchard", "pepper", "quiver", "raven", "saffron", "thimble",
    "umber", "violet", "willow", "yarrow", "zephyr", "acorn", "bramble", "cobalt", "dahlia", "elder", "falcon",
];
const ROLES: &[&str] = &[
    "desk", "board", "keeper", "runner", "finder", "maker", "planner", "counter", "router", "watcher", "binder",
    "broker", "carrier", "clerk", "dealer", "editor", "folder", "grader", "helper", "indexer", "judge", "lister",
    "mover", "notary", "opener", "packer", "quoter", "ranker", "sender", "tracker",
];

/// The plan of an estate: the services with what ties them together.
pub fn plan(services: usize, seed: u64) -> Vec<Service> {
    let mut dice = Dice::new(seed);
    let names: Vec<String> = (0..services).map(name_of).collect();
    let databases: Vec<String> = names.iter().map(|name| name.replace('-', "_")).collect();
    let mut planned = Vec::with_capacity(services);
    for (number, name) in names.iter().enumerate() {
        let domain = number / DOMAIN;
        let first = domain * DOMAIN;
        let mut calls = Vec::new();
        // Chains run within a domain, and everybody asks a few services of the first one.
        if number > first {
            calls.push(number - 1 - dice.below((number - first).min(3)));
        }
        if number >= DOMAIN {
            calls.push(dice.below(4));
        }
        if number > 0 && dice.once_in(2) {
            calls.push(dice.below(number));
        }
        if number % 100 == 50 {
            calls.push((number + 1).min(services - 1));
        }
        calls.retain(|to| *to != number);
        calls.sort_unstable();
        calls.dedup();
        let owner = if number > first && dice.once_in(12) { number - 1 } else { number };
        planned.push(Service {
            number,
            name: name.clone(),
            domain: format!("{}-{domain}", THINGS[domain % THINGS.len()]),
            language: LANGUAGES[dice.below(LANGUAGES.len())],
            calls,
            database: databases[owner].clone(),
            password: format!("{:016x}", dice.next()),
            store: format!("store-{domain}"),
        });
    }
    planned
}

fn name_of(number: usize) -> String {
    let pairs = THINGS.len() * ROLES.len();
    let name = format!("{}-{}", THINGS[number % THINGS.len()], ROLES[number / THINGS.len() % ROLES.len()]);
    if number < pairs { name } else { format!("{name}-{}", letters(number / pairs)) }
}

/// 0 is `a`, 27 is `bb`: a name's part without digits, which some readers take for versions.
fn letters(mut number: usize) -> String {
    let mut text = String::new();
    loop {
        text.push((b'a' + (number % 26) as u8) as char);
        number /= 26;
        if number == 0 {
            return text;
        }
    }
}

/// All files of an estate, sorted by path.
pub fn files(services: usize, seed: u64) -> Vec<GeneratedFile> {
    let planned = plan(services, seed);
    let mut dice = Dice::new(seed ^ 0x5EED);
    let mut files = Vec::new();
    for service in &planned {
        code::write(service, &planned, &mut dice, &mut files);
        deploy::write(service, &planned, &mut dice, &mut files);
    }
    let mut owners = String::from("# who owns what\n* @estate/core\n");
    for of_domain in planned.chunks(DOMAIN) {
        deploy::write_domain(of_domain, &mut files);
        owners.push_str(&format!("/systems/{}/ @estate/{}\n", of_domain[0].domain, of_domain[0].domain));
    }
    files.push(("CODEOWNERS".to_owned(), owners));
    break_some(&mut files, &mut dice);
    files.sort();
    files
}

/// One file in 500 is cut in its middle, as an interrupted merge leaves it.
fn break_some(files: &mut [GeneratedFile], dice: &mut Dice) {
    for (_, text) in files.iter_mut() {
        if dice.once_in(500) {
            let half = text.len() / 2;
            // Everything written here is ASCII, so every byte is a border.
            text.truncate(half);
            text.push_str("\n<<<<<<< theirs\n");
        }
    }
}

/// The folder of a service's code.
pub fn home(service: &Service) -> String {
    format!("systems/{}/{}", service.domain, service.name)
}

/// `PARCEL_DESK`
pub fn variable(service: &Service) -> String {
    service.name.replace('-', "_").to_uppercase()
}

/// Writes an estate below `folder`, which is there already.
#[expect(clippy::disallowed_methods, reason = "benchmarks lay out estates on the disk")]
pub fn write_to(folder: &std::path::Path, files: &[GeneratedFile]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}
