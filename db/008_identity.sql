-- Who else somebody writes as (the login's own name and signature are
-- settings), and texts that are used again.

CREATE TABLE identity (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	address TEXT NOT NULL,
	reply_to TEXT NOT NULL,
	organization TEXT NOT NULL,
	signature TEXT NOT NULL,
	signature_html TEXT NOT NULL,
	bcc TEXT NOT NULL,
	is_verified SMALLINT NOT NULL,
	created_s BIGINT NOT NULL
);
CREATE INDEX identity_account ON identity (account);

CREATE TABLE response (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	changed_s BIGINT NOT NULL
);
CREATE INDEX response_account ON response (account);
