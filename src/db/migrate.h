/*
 * migrate.h - migrations from a list that is given, so that tests can bring their own.
 * db_migrate and db_schema_check of db.h use the list embedded in the program.
 */
#ifndef ACOLHE_DB_MIGRATE_H
#define ACOLHE_DB_MIGRATE_H

#include "db/db.h"

int db_migrate_list(struct db *db, const struct db_migration *list, size_t count, int64_t now_us,
                    size_t *ret_applied);
int db_schema_check_list(struct db *db, const struct db_migration *list, size_t count);

#endif
