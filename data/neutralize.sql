-- A neutralised copy can't call the bank: it has no credentials, and every integration
-- is paused on the sandbox.
DELETE FROM tbc_credential;
UPDATE tbc_transfer
   SET initiated_by_id = NULL, initiated_at = NULL, initiation_seal = NULL
 WHERE state = 'queued';
UPDATE tbc_integration
   SET state = 'paused',
       environment = 'sandbox',
       pause_reason = 'This database is a neutralised copy; its credentials were erased.';
