using System.Globalization;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>The methods of a reservation's object.</summary>
internal sealed class ReservationMethods(long id, IControl control, Authorization authorization)
    : ReservationInterface.IMethods
{
    /// <inheritdoc/>
    public async Task TransferAsync(BusCall call, uint domid)
    {
        if (domid > int.MaxValue)
        {
            throw new ControlException(
                ControlError.NoSuchDomain,
                string.Create(CultureInfo.InvariantCulture, $"no domain {domid}: see 'xenballoon list'"));
        }

        await authorization.RequireAsync(call, BusNames.ReserveAction);
        await control.TransferAsync(id, (int)domid);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BusCall call)
    {
        await authorization.RequireAsync(call, BusNames.ReserveAction);
        await control.CancelAsync(id);
    }
}
