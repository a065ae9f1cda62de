namespace XenBalloon.Xen.Watches;

/// <summary>How many events a domain may cause: an honest agent makes four a second while much happens, and no more than twenty where it is asked again and again.</summary>
internal sealed class EventBudget
{
    /// <summary>Events allowed in each window.</summary>
    internal const int Allowed = 50;

    /// <summary>The length of a window.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private TimeSpan windowStart = TimeSpan.MinValue;
    private int spent;

    /// <summary>Counts one event.</summary>
    /// <returns>False once the window's events are used up.</returns>
    public bool Spend(TimeSpan now)
    {
        if (windowStart == TimeSpan.MinValue || now - windowStart >= Window)
        {
            windowStart = now;
            spent = 0;
        }

        return ++spent <= Allowed;
    }
}
