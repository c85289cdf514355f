//! The interface of the cloud: calls, their faults, and time.

use std::{collections::VecDeque, sync::Arc};

use albatross_contract::{Inventory, Operation};

use crate::{AwsError, Cloud, Faults, account::Account, faults::WriteFault};

/// A small AWS: one account, one region.
///
/// A clone is cheap: it shares the state until one of the two changes it.
#[derive(Clone, Debug)]
pub struct EmbeddedCloud {
    account: Arc<Account>,
    /// Whether the consequences of the last change (health, users of target groups) have yet to be worked out. That happens
    /// when the cloud is read or time passes, so that a series of writes pays for it once.
    unsettled: bool,
    faults: Faults,
    calls: Calls,
    /// The state before each of the last calls, newest last. Only kept while reads are stale.
    past: VecDeque<Arc<Account>>,
}

/// How many calls were made, including failed ones.
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

    /// Lets time pass: load balancers become active, targets become healthy, and draining targets disappear.
    pub fn advance(&mut self, seconds: u64) {
        self.settle(); // Processes that earlier changes started begin now, not after the time has passed.
        let account = Arc::make_mut(&mut self.account);
        account.now += seconds;
        account.changing.clear();
        self.unsettled = true;
        self.settle();
    }

    /// The inventory as a reader sees it now.
    ///
    /// # Errors
    /// Only those of [`Faults`].
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

    /// Executes an operation. Returns the ARN of the created resource (for a security group its id); `None` for operations
    /// that create nothing. A refused operation changes nothing. Every reference must name an existing resource
    /// ([`albatross_contract::references`]).
    ///
    /// # Errors
    /// AWS's refusal, or an error of [`Faults`].
    pub fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        self.calls.writes += 1;
        self.faults.alive()?;
        self.remember();
        match self.faults.of_write(self.calls.writes) {
            None => self.apply(operation),
            Some(WriteFault::Fail(error)) => Err(error.clone()),
            Some(WriteFault::LoseAnswer) => {
                // The caller does not learn the answer, not even a refusal.
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

    /// The actual inventory: no call is counted and no fault applies.
    pub fn inventory(&mut self) -> &Inventory {
        self.settle();
        &self.account.inventory
    }

    /// The actual inventory, for changes by others: an instance joins an Auto Scaling Group, a certificate or a load
    /// balancer is deleted. The consequences are worked out as after any other change.
    pub fn inventory_mut(&mut self) -> &mut Inventory {
        self.settle();
        self.unsettled = true;
        &mut Arc::make_mut(&mut self.account).inventory
    }

    /// The faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The faults, for changes.
    pub fn faults_mut(&mut self) -> &mut Faults {
        self.unsettled = true; // Targets may fail their checks from now on.
        &mut self.faults
    }

    /// How many calls were made so far.
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

    /// Keeps the state before this call while stale reads may need it.
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
