using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Who may do what: anyone may read; a change requires root, or polkit's authorization where it runs. The bus's policy
/// lets every call through, so this is the one place that decides.
/// </summary>
internal sealed class Authorization(BusConnection connection, Polkit polkit)
{
    private const uint Root = 0;

    /// <summary>
    /// A person answers one dialogue at a time; more questions than this are a flood, and polkit serves others too.
    /// </summary>
    private const int MostWaiting = 32;

    private readonly Dictionary<uint, int> waiting = [];

    /// <summary>Completes when the caller may do this.</summary>
    /// <exception cref="ControlException">The caller may not.</exception>
    /// <exception cref="BusErrorException">The caller's user has too many calls waiting for polkit.</exception>
    internal async Task RequireAsync(BusCall call, string action)
    {
        uint uid = await UidAsync(call.Caller);
        if (uid == Root) return;
        string remedy = await AskAsync(uid, call, action) switch
        {
            PolkitAnswer.Authorized => "",
            PolkitAnswer.NeedsPassword => "use sudo, or let polkit ask for a password (pkttyagent)",
            PolkitAnswer.Absent => "use sudo",
            _ => $"use sudo, or allow it in polkit's rules ({action})",
        };
        if (remedy.Length == 0) return;
        string refusal = string.Create(
            CultureInfo.InvariantCulture, $"{call.Member} requires root, and was called by uid {uid}: {remedy}");
        throw new ControlException(ControlError.AccessDenied, refusal);
    }

    private async Task<uint> UidAsync(string caller)
    {
        try
        {
            return await connection.GetUidAsync(caller);
        }
        catch (Exception exception) when (exception is DBusErrorReplyException or TimeoutException)
        {
            throw new ControlException(
                ControlError.AccessDenied,
                $"the bus does not say who {caller} is ({exception.Message}): try again",
                exception);
        }
    }

    private async Task<PolkitAnswer> AskAsync(uint uid, BusCall call, string action)
    {
        int before = waiting.GetValueOrDefault(uid);
        if (before >= MostWaiting)
        {
            string refusal = string.Create(
                CultureInfo.InvariantCulture,
                $"uid {uid} has {before} calls waiting for polkit: answer or end those first");
            throw new BusErrorException(BusErrors.LimitsExceeded, refusal);
        }

        waiting[uid] = before + 1;
        try
        {
            return await polkit.AskAsync(call.Caller, action, call.AllowsInteraction);
        }
        finally
        {
            if (waiting[uid] == 1) waiting.Remove(uid);
            else waiting[uid]--;
        }
    }
}
