-- Statistics, one statement at a time: VACUUM cannot run inside a transaction block. A role that does not own a table gets a
-- warning and an empty result, which the runbook takes for success; what was really done is in the suite, under step 3.
vacuum (analyze) public.accounts;
vacuum (analyze) public.business_accounts;
vacuum (analyze) public.chat_messages;
vacuum (analyze) public.chats;
vacuum (analyze) public.chat_participants;
vacuum (analyze) public.rate_limits;
