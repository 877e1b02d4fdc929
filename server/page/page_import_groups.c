#include "base/limits.h"
#include "base/tr.h"
#include "page/page_import_inside.h"

/* ---- groups ---------------------------------------------------------------
 */
enum err_code
import_group(
    struct import *in, struct text name, struct str *out_id, struct err *err)
{
	enum err_code rc = ERR_OK;

	*out_id = str_of(NULL, 0);
	for (size_t i = 0; i < in->group_count; i++) {
		if (!str_eq(in->groups[i].name, name.s))
			continue;
		*out_id = in->groups[i].id;
		return ERR_OK;
	}
	if (in->group_count == LIMIT_CIRCLES)
		return err_set(err, ERR_LIMIT,
		    "This file names more groups than there is room for.",
		    "import_group");
	if (!in->is_trial)
		rc = contacts_group(in->req,
		    (struct text){str_dup(in->req->arena, name.s)}, out_id,
		    err);
	in->groups[in->group_count].name = str_dup(in->file, name.s);
	in->groups[in->group_count++].id = str_dup(in->file, *out_id);
	return rc;
}

enum err_code
import_groups_of(struct import *in, const struct mime_person *from,
    struct store_put *put, struct err *err)
{
	struct str *ids =
	    ARENA_ARRAY(in->scratch, from->group_count + 1, struct str);
	size_t count = 0;
	enum err_code rc = ERR_OK;

	if (ids == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "import");
	for (size_t i = 0; rc == ERR_OK && i < from->group_count; i++)
		rc = import_group(in, from->groups[i], &ids[count++], err);
	if (rc == ERR_OK && in->extra_group.len > 0)
		ids[count++] = in->extra_group;
	put->circles = ids;
	put->circle_count = count;
	return rc;
}

/* ---- lists of people ------------------------------------------------------
 */
void
import_keep_list(struct import *in, const struct mime_person *from)
{
	struct import_members *list;

	if (in->list_count == IMPORT_LISTS) {
		import_note(in, &in->out->left, from,
		    tr("there are more lists than there is room for"));
		return;
	}
	list = &in->lists[in->list_count++];
	list->name = (struct text){str_dup(in->file, from->name.s)};
	list->members =
	    ARENA_ARRAY(in->file, from->member_count + 1, struct str);
	for (size_t i = 0; list->members != NULL && i < from->member_count; i++)
		list->members[list->count++] =
		    str_dup(in->file, from->members[i]);
}

static struct str
import_without(struct str s, struct str prefix)
{
	return str_starts_nocase(s, prefix) ? str_slice(s, prefix.len, s.len)
	                                    : s;
}

static enum err_code
import_member(
    struct import *in, struct str member, struct str *out, struct err *err)
{
	struct store_person person;
	enum err_code rc;

	*out = str_of(NULL, 0);
	if (str_starts_nocase(member, STR("mailto:"))) {
		member = str_slice(member, 7, member.len);
		rc = store_person_of(in->store, in->account,
		    people_key(in->scratch, member), in->scratch, &person, err);
		if (rc == ERR_OK)
			*out = person.id;
		return rc;
	}
	member = import_without(member, STR("urn:uuid:"));
	for (size_t i = 0; i < in->uid_count; i++)
		if (str_eq_nocase(
		        import_without(in->uids[i].uid, STR("urn:uuid:")),
		        member))
			*out = in->uids[i].person;
	return ERR_OK;
}

static enum err_code
import_list(
    struct import *in, const struct import_members *list, struct err *err)
{
	struct str *ids = ARENA_ARRAY(in->file, list->count + 1, struct str);
	struct str circle;
	size_t count = 0;
	uint64_t changed = 0;
	enum err_code rc = import_group(in, list->name, &circle, err);

	if (rc != ERR_OK || in->is_trial || ids == NULL)
		return rc;
	for (size_t i = 0; rc == ERR_OK && i < list->count; i++) {
		struct str id;

		rc = import_member(in, list->members[i], &id, err);
		if (id.len > 0)
			ids[count++] = str_dup(in->file, id);
	}
	return rc == ERR_OK ? store_circle_set(in->store, in->account, circle,
	                          ids, count, true, &changed, err)
	                    : rc;
}

enum err_code
import_lists(struct import *in, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < in->list_count; i++) {
		arena_reset(in->scratch);
		rc = import_list(in, &in->lists[i], err);
	}
	return rc;
}
