using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Cli.Top;

/// <summary>How <c>top</c> shows what it sees.</summary>
internal interface ITopView
{
    /// <summary>Whether whoever looks wants to leave, or has left.</summary>
    bool WantsToLeave();

    /// <summary>Shows a state.</summary>
    /// <param name="host">The state.</param>
    /// <param name="isUpdate">Whether it is time for an update, rather than that something has changed.</param>
    void Show(HostStatus host, bool isUpdate);
}
