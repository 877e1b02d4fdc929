#include "mail/mail_kept.h"

#include "mail/account.h"

/* No folder on the wire begins with CR, so no answer has such a key. */
static struct account_answers_key
kept_key(const struct mail *mail, const struct mail_id *id, struct str name)
{
	const struct str parts[] = {STR("\r"), name, STR("\r"), id->folder.s};

	return (struct account_answers_key){
	    .folder = str_join(mail->arena, parts, 4),
	    .uid_validity = id->uid_validity,
	    .uid = id->uid};
}

bool
mail_kept_find(const struct mail *mail, const struct mail_id *id,
    struct str name, struct str *out)
{
	struct account *account = mail->account;
	struct account_answers_key key = kept_key(mail, id, name);

	*out = (struct str){0};
	return key.folder.ptr != NULL && id->uid_validity != 0 &&
	       account_answers_find(&account->owner->answers, &account->answers,
	           &key, mail->arena, out);
}

void
mail_kept_put(const struct mail *mail, const struct mail_id *id,
    struct str name, struct str bytes)
{
	struct account *account = mail->account;
	struct account_answers_key key = kept_key(mail, id, name);

	if (key.folder.ptr != NULL && id->uid_validity != 0)
		account_answers_put(
		    &account->owner->answers, &account->answers, &key, bytes);
}
