#include "main_watch.h"

#include "os/file.h"

/* As long as nothing changes, who writes a pair of files is done. */
#define SETTLE_MS 1000

/* FNV's offset basis. */
#define MARK_START UINT64_C(0xcbf29ce484222325)

static void
mark_file(void *ctx, const char *key, struct str path, bool may_be_folder)
{
	uint64_t *mark = ctx;

	(void)key;
	(void)may_be_folder;
	*mark = file_mark(path.ptr, *mark);
}

static uint64_t
mark_now(const struct main_watch *watch)
{
	uint64_t mark = file_mark(watch->ini, MARK_START);

	config_files(watch->cfg, mark_file, &mark);
	return mark;
}

void
main_watch_set(
    struct main_watch *watch, const char *ini, const struct config *cfg)
{
	const struct config *before = watch->cfg;

	watch->ini = ini;
	watch->cfg = config_ref(cfg);
	config_unref(before);
	if (!cfg->auto_reload)
		return;
	watch->loaded = mark_now(watch);
	watch->seen = watch->loaded;
}

bool
main_watch_is_on(const struct main_watch *watch)
{
	return watch->cfg != NULL && watch->cfg->auto_reload;
}

bool
main_watch_is_due(struct main_watch *watch, int64_t now_mono_ms)
{
	uint64_t mark = 0;

	if (!main_watch_is_on(watch) ||
	    now_mono_ms - watch->looked_ms < MAIN_WATCH_MS / 2)
		return false;
	watch->looked_ms = now_mono_ms;
	mark = mark_now(watch);
	if (mark != watch->seen) {
		watch->seen = mark;
		watch->seen_ms = now_mono_ms;
	}
	if (mark == watch->loaded || now_mono_ms - watch->seen_ms < SETTLE_MS)
		return false;
	watch->loaded = mark;
	return true;
}

void
main_watch_end(struct main_watch *watch)
{
	config_unref(watch->cfg);
	*watch = (struct main_watch){0};
}
