#include "command/flats.h"

#include <check.h>
#include <stdio.h>

void flats_write(const char *name, bool in_order, size_t first, size_t count) {
    static const char *const kinds[] = {"flat", "house", "loft"}, *const quarters[] = {"north", "south",
                                                                                       "\"old, town\"", ""};
    static char text[1 << 16];
    size_t used = (size_t)snprintf(text, sizeof text, "%s\n",
                                   in_order ? "nr,area,kind,quarter,rooms,price,dear"
                                            : "dear,extra,quarter,price,rooms,kind,area,nr");
    for (size_t i = first; i < first + count; i++) {
        const double area = 30 + (double)(i * 37 % 100);
        const char *kind = kinds[i % 3], *quarter = quarters[i * 7 % 4];
        const double price = area * 2 + (double)(i % 3) * 40 + (double)(i * 7 % 4) * 25;
        const char *dear = price > 220 ? "yes" : "no";
        if (in_order)
            used += (size_t)snprintf(text + used, sizeof text - used, "f%zu,%g,%s,%s,%zu,%.2f,%s\n", i, area, kind,
                                     quarter, i % 5 + 1, price, dear);
        else
            used += (size_t)snprintf(text + used, sizeof text - used, "%s,%zu,%s,%.2f,%zu,%s,%g,f%zu\n", dear, i * i,
                                     quarter, price, i % 5 + 1, kind, area, i);
    }
    scratch_write(name, text, used);
}

void flats_create(void) {
    fixture_create_plain();
    flats_write("flats.csv", true, 0, FLATS);
    flats_write("new.csv", true, FLATS, NEW_FLATS);
    flats_write("turned.csv", false, FLATS, NEW_FLATS);
}

void train_words(const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    outcome_release(&ended);
}

char *output_words(const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    char *text = ended.out;
    ended.out = NULL;
    outcome_release(&ended);
    return text;
}
