namespace XenBalloon.Daemon.State;

/// <summary>Refuses in a file what the program itself never writes, and could not go on with.</summary>
internal static class StateCheck
{
    /// <summary>The largest number that every reader of JSON knows exactly; nobody makes so many reservations.</summary>
    private const long LargestNumber = (1L << 53) - 1;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch, Latest = Earliest.AddYears(1000);

    /// <exception cref="FormatException">Something in it cannot be meant.</exception>
    internal static void Check(StateFile file)
    {
        if (file.Version != StateFile.CurrentVersion) throw new FormatException($"it is of version {file.Version}, and this program knows {StateFile.CurrentVersion}");

        // The reader refuses null in fields, but lets it pass in lists.
        if (file.Settings.Any(one => one is null) || file.Overrides.Any(one => one is null) || file.Reservations.Any(one => one is null)) throw new FormatException("an entry is null");
        if (file.LastReservation is < 0 or > LargestNumber) throw new FormatException($"{file.LastReservation} is no number of a reservation");
        foreach (StateReservation one in file.Reservations) Check(one);
    }

    private static void Check(StateReservation one)
    {
        if (one.Id is < 1 or > LargestNumber) throw new FormatException($"{one.Id} is no number of a reservation");
        foreach (DateTimeOffset? time in new[] { one.RequestedAt, one.Deadline, one.ReadyAt, one.Claim?.TakenAt })
        {
            if (time < Earliest || time > Latest) throw new FormatException($"reservation {one.Id} has the time {time:O}");
        }
    }
}
