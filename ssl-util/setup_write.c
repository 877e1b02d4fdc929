#include "install.h"
#include "os/file.h"
#include "setup_inside.h"

static enum err_code
make_folder(const char *path, struct err *err)
{
	char folder[PATH_BYTES];

	path_folder(path, folder);
	return file_exists(folder) ? ERR_OK : file_make_folder(folder, err);
}

void
setup_undo(const struct setup_file *files, size_t count)
{
	struct err ignored = ERR_NONE;

	for (size_t i = count; i-- > 0;)
		if (!files[i].force)
			err_ignore(file_remove(files[i].path, &ignored));
}

enum err_code
setup_write(const struct setup_file *files, size_t count, struct buf *out,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < count && rc == ERR_OK; i++) {
		rc = make_folder(files[i].path, err);
		if (rc == ERR_OK)
			rc = install_file(files[i].path, files[i].bytes,
			    files[i].mode, files[i].force, out, err);
		if (rc == ERR_OK)
			buf_addf(out, "%s: %s\n", files[i].what, files[i].path);
		else
			setup_undo(files, i);
	}
	return rc;
}
