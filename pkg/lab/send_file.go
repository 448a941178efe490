package lab

import (
	"cmp"

	"muster/pkg/assist"
)

const minFileTimeout = 10 // seconds; smaller timeouts are raised to it

func sendFile(c call, r *assist.SendFileRequest) (*assist.SendFileResponse, error) {
	contentType := assist.Encoding(r.ContentType, assist.PlainText)
	content, err := assist.DecodeContent(r.Content, contentType)
	if err != nil {
		return nil, err
	}
	hosts, err := c.inventory.resolve(r.InstanceId, nil, len(r.InstanceId))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range hosts {
		it := h.get()
		if err := it.checkReachable(); err != nil {
			return nil, err
		}
		if err := c.faults.refuseInstance(it.InstanceId); err != nil {
			return nil, err
		}
		ids = append(ids, it.InstanceId)
	}
	sent := &sentFile{
		InvokeId: newFileInvokeID(), Name: r.Name, TargetDir: r.TargetDir, Text: r.Content, ContentType: contentType, Content: content,
		FileOwner: cmp.Or(r.FileOwner, "root"), FileGroup: cmp.Or(r.FileGroup, "root"), FileMode: cmp.Or(r.FileMode, "0644"),
		Overwrite: r.Overwrite, Description: r.Description,
		Timeout:         seconds(max(cmp.Or(r.Timeout, assist.DefaultTimeout), minFileTimeout)),
		ResourceGroupId: r.ResourceGroupId, Tags: tagPairs(r.Tag), Created: c.clock.Now(),
	}
	c.files.add(sent, ids)
	c.fileSender.launch(c.files, sent, hosts)
	c.fileSender.releaseGone(c.files, hosts)
	return &assist.SendFileResponse{InvokeId: sent.InvokeId}, nil
}
