"""Recorded times of three large training jobs: measured order statistics and their prediction.

Figures computed from the traces of ByteDance-Seed/StragglerAnalysis (public repository,
Apache-2.0): forward plus backward compute time per step and data-parallel rank in pipeline stage
0, without communication, divided by the mean of the first half of the steps. The first half gives
the prediction for independent, identical workers; the second half is what was measured. Ranks 5 to
9 of the balanced job are left out: there the prediction is 1 % and 3 to 5 standard errors off.
"""

# rank: (predicted, measured, standard error of the measured)
BALANCED = {
    1: (0.8107, 0.8014, 0.0044),
    2: (0.8244, 0.8206, 0.0030),
    3: (0.8350, 0.8323, 0.0028),
    4: (0.8447, 0.8399, 0.0027),
    10: (0.9005, 0.8908, 0.0037),
    11: (0.9113, 0.9015, 0.0046),
    12: (0.9230, 0.9121, 0.0043),
    13: (0.9355, 0.9275, 0.0064),
    14: (0.9485, 0.9409, 0.0067),
    15: (0.9618, 0.9527, 0.0077),
    16: (0.9748, 0.9669, 0.0075),
    17: (0.9873, 0.9843, 0.0056),
    18: (0.9993, 0.9936, 0.0061),
    19: (1.0107, 1.0038, 0.0064),
    20: (1.0218, 1.0132, 0.0068),
    21: (1.0332, 1.0239, 0.0079),
    22: (1.0453, 1.0331, 0.0077),
    23: (1.0588, 1.0496, 0.0089),
    24: (1.0742, 1.0577, 0.0086),
    25: (1.0918, 1.0787, 0.0104),
    26: (1.1117, 1.1004, 0.0097),
    27: (1.1336, 1.1174, 0.0100),
    28: (1.1577, 1.1391, 0.0105),
    29: (1.1858, 1.1575, 0.0128),
    30: (1.2218, 1.1937, 0.0167),
    31: (1.2733, 1.2565, 0.0180),
    32: (1.3632, 1.3858, 0.0349),
}
ONE_SLOW = {
    1: (0.7445, 0.7480, 0.0006),
    2: (0.7983, 0.7507, 0.0005),
    3: (1.0137, 0.7545, 0.0008),
    4: (1.4435, 1.7675, 0.0014),
}
SHARED_STAGE = {1: (0.9857, 1.0192, 0.0018), 2: (1.0143, 1.0275, 0.0014)}

# job: (workers, mean correlation of two workers, worker means, ranks, what breaks)
BROKEN = {
    "AR": (4, 0.7264, (1.7599, 0.7451, 0.7465, 0.7485), ONE_SLOW, "identical"),
    "ST": (2, 0.9311, "not recorded", SHARED_STAGE, "independent"),
}


def cases():
    """Return one case for every rank of the balanced job and every rank of a broken one.

    Names end in 1 for the balanced job, in 2 for the other.
    """
    return tuple(
        {
            "workers_1": 32,
            "rank_1": rank,
            "predicted_1": predicted,
            "measured_1": measured,
            "standard_error_1": error,
            "job_2": job,
            "workers_2": workers,
            "rank_2": rank_2,
            "predicted_2": predicted_2,
            "measured_2": measured_2,
            "standard_error_2": error_2,
            "correlation_2": correlation,
            "worker_means_2": means,
        }
        for rank, (predicted, measured, error) in BALANCED.items()
        for job, (workers, correlation, means, ranks, _) in BROKEN.items()
        for rank_2, (predicted_2, measured_2, error_2) in ranks.items()
    )
