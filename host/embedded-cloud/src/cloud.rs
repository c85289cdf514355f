//! The cloud as a caller sees it: calls, their faults, and time.

use std::{collections::VecDeque, sync::Arc};

use albatross_contract::{Inventory, Operation};

use crate::{AwsError, Cloud, Faults, account::Account, faults::WriteFault};

/// A small AWS: one account, one region.
///
/// A clone is cheap: it shares the state until one of the two changes it.
#[derive(Clone, Debug)]
pub struct EmbeddedCloud {
    account: Arc<Account>,
    /// What follows from the last change (health, what uses a target group) is not worked out yet. It is when
    /// somebody looks or time passes, so that a run of writes pays for it once.
    unsettled: bool,
    faults: Faults,
    calls: Calls,
    /// The state before each of the last calls, newest last; kept while reads are stale.
    past: VecDeque<Arc<Account>>,
}

/// How many calls there were, failed ones included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls of `execute`.
    pub writes: u64,
    /// Calls of `observe`.
    pub reads: u64,
}

impl EmbeddedCloud {
    /// A cloud that holds this inventory. Its time starts when the inventory was observed.
    pub fn new(inventory: Inventory) -> EmbeddedCloud {
        EmbeddedCloud {
            account: Arc::new(Account::new(inventory)),
            unsettled: true,
            faults: Faults::default(),
            calls: Calls::default(),
            past: VecDeque::new(),
        }
    }

    /// The time, in seconds since 1970.
    pub fn now(&self) -> u64 {
        self.account.now
    }

    /// Lets time pass: load balancers become active, targets healthy, and draining ones leave.
    pub fn advance(&mut self, seconds: u64) {
        self.settle(); // What begins now begins before the time passes.
        let account = Arc::make_mut(&mut self.account);
        account.now += seconds;
        account.changing.clear();
        self.unsettled = true;
        self.settle();
    }

    /// What a reader sees now.
    ///
    /// # Errors
    /// Only those that [`Faults`] ask for.
    pub fn observe(&mut self) -> Result<Inventory, AwsError> {
        self.calls.reads += 1;
        self.faults.alive()?;
        self.settle();
        self.remember();
        if let Some(error) = self.faults.of_read(self.calls.reads) {
            return Err(error.clone());
        }
        let seen = match self.faults.staleness() {
            0 => &self.account,
            calls => self.past.get(self.past.len().saturating_sub(1 + calls)).unwrap_or(&self.account),
        };
        let mut inventory = seen.inventory.clone();
        inventory.observed_at = self.account.now;
        Ok(inventory)
    }

    /// Does one thing. Gives the ARN, or for a security group the id, of what was made; nothing for other operations.
    /// A refused operation changes nothing. Every reference must be to an existing resource ([`albatross_contract::references`]).
    ///
    /// # Errors
    /// AWS's refusal, or what [`Faults`] ask for.
    pub fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        self.calls.writes += 1;
        self.faults.alive()?;
        self.remember();
        match self.faults.of_write(self.calls.writes) {
            None => self.apply(operation),
            Some(WriteFault::Fail(error)) => Err(error.clone()),
            Some(WriteFault::LoseAnswer) => {
                // Whatever the answer was, a refusal too, nobody hears it.
                let _lost = self.apply(operation);
                Err(AwsError::new("RequestTimeout", "the answer was lost; the call may have been executed"))
            }
            Some(WriteFault::CrashBefore) => Err(self.faults.crash()),
            Some(WriteFault::CrashAfter) => {
                let _unheard = self.apply(operation);
                Err(self.faults.crash())
            }
        }
    }

    /// The truth: no call is counted and no fault applies.
    pub fn inventory(&mut self) -> &Inventory {
        self.settle();
        &self.account.inventory
    }

    /// The truth, to be changed by somebody else: an instance that joins an Auto Scaling Group, a certificate that is
    /// deleted, a load balancer that is gone. What follows from it is worked out as after any other change.
    pub fn inventory_mut(&mut self) -> &mut Inventory {
        self.settle();
        self.unsettled = true;
        &mut Arc::make_mut(&mut self.account).inventory
    }

    /// What goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What goes wrong, to be changed.
    pub fn faults_mut(&mut self) -> &mut Faults {
        self.unsettled = true; // Targets may fail their checks from now on.
        &mut self.faults
    }

    /// How many calls there were so far.
    pub fn calls(&self) -> Calls {
        self.calls
    }

    fn apply(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        self.unsettled = true;
        self.account.check_seen(operation, &self.faults)?;
        Arc::make_mut(&mut self.account).apply(operation)
    }

    fn settle(&mut self) {
        if self.unsettled {
            Arc::make_mut(&mut self.account).settle(&self.faults);
            self.unsettled = false;
        }
    }

    /// Keeps the state before this call, as long as stale reads may ask for it.
    fn remember(&mut self) {
        match self.faults.staleness() {
            0 => self.past.clear(),
            calls => {
                self.settle();
                self.past.push_back(Arc::clone(&self.account));
                while self.past.len() > calls + 1 {
                    self.past.pop_front();
                }
            }
        }
    }
}

impl Cloud for EmbeddedCloud {
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        EmbeddedCloud::execute(self, operation)
    }

    fn wait(&mut self) {
        Arc::make_mut(&mut self.account).changing.clear();
    }
}
